"""The nouns of a search: what is asked (`asking`), what a modality answers (`matching`), queries (`queries`), what
examiners say (`verdicts`), and what becomes of hits (`outcomes`)."""

from comity.search.model.asking import Ask as Ask
from comity.search.model.asking import Preview as Preview
from comity.search.model.matching import Candidate as Candidate
from comity.search.model.matching import Chance as Chance
from comity.search.model.matching import Difference as Difference
from comity.search.model.matching import Fitness as Fitness
from comity.search.model.matching import Mandate as Mandate
from comity.search.model.matching import Matcher as Matcher
from comity.search.model.matching import Place as Place
from comity.search.model.matching import SideBySide as SideBySide
from comity.search.model.matching import Weighing as Weighing
from comity.search.model.outcomes import FollowUp as FollowUp
from comity.search.model.outcomes import HitKind as HitKind
from comity.search.model.outcomes import HitOutcome as HitOutcome
from comity.search.model.outcomes import Tally as Tally
from comity.search.model.outcomes import Transition as Transition
from comity.search.model.queries import Judgeable as Judgeable
from comity.search.model.queries import Listed as Listed
from comity.search.model.queries import Query as Query
from comity.search.model.queries import Side as Side
from comity.search.model.queries import Stage as Stage
from comity.search.model.queries import Status as Status
from comity.search.model.queries import Wanted as Wanted
from comity.search.model.verdicts import Compared as Compared
from comity.search.model.verdicts import Note as Note
from comity.search.model.verdicts import NoteKind as NoteKind
from comity.search.model.verdicts import Verdict as Verdict
from comity.search.model.verdicts import VerdictKind as VerdictKind
