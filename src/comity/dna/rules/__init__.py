"""The room's pure decisions: when two profiles are candidates for one source (`comparing`), and what findings weigh
in a population (`populations`, `weighing`, `chance`); signs of typing errors (`signs`).
"""

from comity.dna.rules.chance import Fit as Fit
from comity.dna.rules.chance import most_probable_fit as most_probable_fit
from comity.dna.rules.comparing import UNKNOWN as UNKNOWN
from comity.dna.rules.comparing import Pair as Pair
from comity.dna.rules.comparing import check_searchable as check_searchable
from comity.dna.rules.comparing import compare as compare
from comity.dna.rules.comparing import compare_locus as compare_locus
from comity.dna.rules.comparing import designated as designated
from comity.dna.rules.comparing import difference_in_words as difference_in_words
from comity.dna.rules.comparing import fully_designated as fully_designated
from comity.dna.rules.comparing import grade_in_words as grade_in_words
from comity.dna.rules.comparing import in_words as in_words
from comity.dna.rules.comparing import pair as pair
from comity.dna.rules.comparing import settled_facts as settled_facts
from comity.dna.rules.comparing import shortfall as shortfall
from comity.dna.rules.comparing import values as values
from comity.dna.rules.kinship import CODES as CODES
from comity.dna.rules.kinship import Kin as Kin
from comity.dna.rules.kinship import KinTables as KinTables
from comity.dna.rules.kinship import Setting as Setting
from comity.dna.rules.kinship import check_mutation as check_mutation
from comity.dna.rules.kinship import kin_tables as kin_tables
from comity.dna.rules.kinship import relation as relation
from comity.dna.rules.kinship import weigh_kin as weigh_kin
from comity.dna.rules.mixtures import MAX_CONTRIBUTORS as MAX_CONTRIBUTORS
from comity.dna.rules.mixtures import Mixing as Mixing
from comity.dna.rules.mixtures import MixtureTables as MixtureTables
from comity.dna.rules.mixtures import mixing as mixing
from comity.dna.rules.mixtures import mixture_tables as mixture_tables
from comity.dna.rules.mixtures import weigh_candidate as weigh_candidate
from comity.dna.rules.populations import shares as shares
from comity.dna.rules.signs import Known as Known
from comity.dna.rules.signs import doubtful as doubtful
from comity.dna.rules.signs import known as known
from comity.dna.rules.signs import signs as signs
from comity.dna.rules.weighing import HYPOTHESES as HYPOTHESES
from comity.dna.rules.weighing import check_assumptions as check_assumptions
from comity.dna.rules.weighing import match_probability as match_probability
from comity.dna.rules.weighing import ratio as ratio
from comity.dna.rules.weighing import weigh as weigh
from comity.dna.rules.weighing import weight_in_words as weight_in_words
