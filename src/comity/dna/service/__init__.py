"""The verbs of DNA, and the room's only door.

Taking in: `take_in` (`sign_import`, `import_file`), `read_file`, `as_table`. Giving out: `export`. Looking up: `find`,
`view`, `list_profiles`, `count_profiles`. Rules: `rule_sets`, `rule_set_held`, `import_rule_set`; shipped: `rule_set`,
`shipped_file`. Answering searches: `DnaMatcher`; its index: `index_status`, `rebuild_index`. Statistics:
`import_population`, `populations`, `population`, `weigh`, `expected` (by chance); of the database: `summary`,
`summarise`. With partners: `set_terms`, `partner_terms`, `partner_views`, `tell_terms`, `stop_telling`, `told_terms`.
Screening: `eliminate` (`sign_elimination`,
`import_elimination`), `elimination`, `open_elimination`, `drop_elimination`, `flags`, `flags_of`, `decide_flag`. After
corrections: `to_recheck`, `recheck`. In bulk: `begin_bulk`, `block_of`, `resume_bulk`, `end_bulk`, with a `Report`;
with partners `exchange_from`, `due`, `exchange_next`.
"""

from comity.dna.model import ExportReport as ExportReport
from comity.dna.service.bulk import Block as Block
from comity.dna.service.bulk import InBulk as InBulk
from comity.dna.service.bulk import Run as Run
from comity.dna.service.bulk import begin_bulk as begin_bulk
from comity.dna.service.bulk import block_of as block_of
from comity.dna.service.bulk import end_bulk as end_bulk
from comity.dna.service.bulk import in_bulk as in_bulk
from comity.dna.service.bulk import resume_bulk as resume_bulk
from comity.dna.service.chance import expected as expected
from comity.dna.service.comparing import NO_RATIO as NO_RATIO
from comity.dna.service.comparing import AsCompared as AsCompared
from comity.dna.service.comparing import Compared as Compared
from comity.dna.service.comparing import compare as compare
from comity.dna.service.elimination import drop_elimination as drop_elimination
from comity.dna.service.elimination import eliminate as eliminate
from comity.dna.service.elimination import elimination as elimination
from comity.dna.service.elimination import import_elimination as import_elimination
from comity.dna.service.elimination import open_elimination as open_elimination
from comity.dna.service.elimination import sign_elimination as sign_elimination
from comity.dna.service.exchanging import Daily as Daily
from comity.dna.service.exchanging import Exchanged as Exchanged
from comity.dna.service.exchanging import due as due
from comity.dna.service.exchanging import exchange_from as exchange_from
from comity.dna.service.exchanging import exchange_next as exchange_next
from comity.dna.service.exchanging import exhausted as exhausted
from comity.dna.service.exporting import Wanted as Wanted
from comity.dna.service.exporting import export as export
from comity.dna.service.flags import decide_flag as decide_flag
from comity.dna.service.flags import flags as flags
from comity.dna.service.flags import flags_of as flags_of
from comity.dna.service.held import Held as Held
from comity.dna.service.importing import FORMATS as FORMATS
from comity.dna.service.importing import IMPORTERS as IMPORTERS
from comity.dna.service.importing import READ as READ
from comity.dna.service.importing import Options as Options
from comity.dna.service.importing import as_table as as_table
from comity.dna.service.importing import import_file as import_file
from comity.dna.service.importing import read_file as read_file
from comity.dna.service.importing import sign_import as sign_import
from comity.dna.service.importing import take_in as take_in
from comity.dna.service.indexing import INDEX as INDEX
from comity.dna.service.indexing import index_status as index_status
from comity.dna.service.indexing import rebuild_index as rebuild_index
from comity.dna.service.kinship import UNRELATED as UNRELATED
from comity.dna.service.kinship import Pair as Pair
from comity.dna.service.kinship import Relatives as Relatives
from comity.dna.service.kinship import as_relatives as as_relatives
from comity.dna.service.kinship import relatives as relatives
from comity.dna.service.looking import count_profiles as count_profiles
from comity.dna.service.looking import find as find
from comity.dna.service.looking import list_profiles as list_profiles
from comity.dna.service.looking import require_searchable as require_searchable
from comity.dna.service.looking import view as view
from comity.dna.service.matching import DnaMatcher as DnaMatcher
from comity.dna.service.matching import held_by as held_by
from comity.dna.service.mixtures import HEIGHTS as HEIGHTS
from comity.dna.service.mixtures import Candidates as Candidates
from comity.dna.service.mixtures import contributors as contributors
from comity.dna.service.mixtures import read_trace as read_trace
from comity.dna.service.partners import MAX_SOURCE as MAX_SOURCE
from comity.dna.service.partners import partner_terms as partner_terms
from comity.dna.service.partners import partner_views as partner_views
from comity.dna.service.partners import set_terms as set_terms
from comity.dna.service.rechecking import Rechecked as Rechecked
from comity.dna.service.rechecking import partners_asked as partners_asked
from comity.dna.service.rechecking import recheck as recheck
from comity.dna.service.rechecking import to_recheck as to_recheck
from comity.dna.service.reporting import Report as Report
from comity.dna.service.reporting import refuse_report as refuse_report
from comity.dna.service.reporting import resumed as resumed
from comity.dna.service.rulesets import RuleSetHeld as RuleSetHeld
from comity.dna.service.rulesets import import_rule_set as import_rule_set
from comity.dna.service.rulesets import rule_set_held as rule_set_held
from comity.dna.service.rulesets import rule_sets as rule_sets
from comity.dna.service.sampling import Sample as Sample
from comity.dna.service.sampling import sample_from as sample_from
from comity.dna.service.sampling import sample_of as sample_of
from comity.dna.service.searching import OwnHit as OwnHit
from comity.dna.service.searching import OwnSearch as OwnSearch
from comity.dna.service.searching import Sought as Sought
from comity.dna.service.searching import search_own as search_own
from comity.dna.service.shipped import rule_set as rule_set
from comity.dna.service.shipped import shipped_file as shipped_file
from comity.dna.service.statistics import WEIGHED_AS as WEIGHED_AS
from comity.dna.service.statistics import by_locus as by_locus
from comity.dna.service.statistics import import_population as import_population
from comity.dna.service.statistics import population as population
from comity.dna.service.statistics import populations as populations
from comity.dna.service.statistics import weigh as weigh
from comity.dna.service.statistics import weighed as weighed
from comity.dna.service.statistics import weight_in_words as weight_in_words
from comity.dna.service.statistics import weights_as_json as weights_as_json
from comity.dna.service.summing import summarise as summarise
from comity.dna.service.summing import summary as summary
from comity.dna.service.telling import TOPIC as TOPIC
from comity.dna.service.telling import stale as stale
from comity.dna.service.telling import stop_telling as stop_telling
from comity.dna.service.telling import tell_again as tell_again
from comity.dna.service.telling import tell_terms as tell_terms
from comity.dna.service.telling import told_terms as told_terms
