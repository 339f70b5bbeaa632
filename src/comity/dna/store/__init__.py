"""The room's tables: profiles with their exact alleles, their packed form and, sealed, the person (`profiles`, `rows`);
populations whose frequencies statistics are made with (`populations`); terms with partners (`partners`); rules
(`rulesets`); figures of the database (`summaries`); the elimination database and flags (`screening`).
"""

from comity.dna.store import partners as partners
from comity.dna.store import rulesets as rulesets
from comity.dna.store import screening as screening
from comity.dna.store import summaries as summaries
from comity.dna.store.populations import add_population as add_population
from comity.dna.store.populations import populations as populations
from comity.dna.store.profiles import Changes as Changes
from comity.dna.store.profiles import NewProfile as NewProfile
from comity.dna.store.profiles import add as add
from comity.dna.store.profiles import alike as alike
from comity.dna.store.profiles import by_id as by_id
from comity.dna.store.profiles import changes as changes
from comity.dna.store.profiles import chosen as chosen
from comity.dna.store.profiles import count_change as count_change
from comity.dna.store.profiles import dna_profile as dna_profile
from comity.dna.store.profiles import held as held
from comity.dna.store.profiles import identity as identity
from comity.dna.store.profiles import latest as latest
from comity.dna.store.profiles import of_specimen as of_specimen
from comity.dna.store.profiles import page as page
from comity.dna.store.profiles import retire as retire
from comity.dna.store.profiles import texts as texts
from comity.dna.store.profiles import versions as versions
from comity.dna.store.profiles import versions_of as versions_of
from comity.dna.store.rows import by_seq as by_seq
from comity.dna.store.rows import count as count
from comity.dna.store.rows import count_between as count_between
from comity.dna.store.rows import id_of as id_of
from comity.dna.store.rows import last_seq as last_seq
from comity.dna.store.rows import packed_after as packed_after
from comity.dna.store.rows import retired as retired
from comity.dna.store.rows import retired_among as retired_among
from comity.dna.store.rows import sampled as sampled
from comity.dna.store.rows import seq_of as seq_of
