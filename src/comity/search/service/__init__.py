"""The verbs of a search, and the room's only door.

Asking side: `bases`, `preview`, `previews`, `ask`, `asked_about`, `room_today`, `correct`, `withdraw`, `overdue`,
`expire`; `on_answer`,
`on_answers`, `on_refusal`, `on_delivery`. Asked side: `on_query`, `on_batch`, `on_correction`, `on_withdrawal`. Either
side: `resumable`, `resume`, `review`, `turn_down`. Verdicts: `compared`, `to_judge`, `confirm`,
`near_match_explained`, `on_confirmation`; of a near match `note`, `on_note`. Core data: `preview_request`,
`request_core_data`, `authorise`, `release`, `release_alone`, `refuse`, `open_identity`; `on_core_request`,
`on_status`, `on_core_data`. After a release:
`evidence_requested`, `evidence_settled`. Of confirmed hits: `record_outcome`, `outcomes_of`, `outcomes_due`; for duties
to count: `statistics`. Looking: `overview`, `listed`, `page`, `of_question`, `find`, `glance`, `summary`, `seen_by`,
`explain`. Written facts: `read_facts`. When a case is erased: `forget`.
"""

from comity.search.rules import read_facts as read_facts
from comity.search.service.answered import WATCHED as WATCHED
from comity.search.service.answered import on_answer as on_answer
from comity.search.service.answered import on_answers as on_answers
from comity.search.service.answered import on_delivery as on_delivery
from comity.search.service.answered import on_refusal as on_refusal
from comity.search.service.answering import matcher_of as matcher_of
from comity.search.service.answering import on_batch as on_batch
from comity.search.service.answering import on_correction as on_correction
from comity.search.service.answering import on_query as on_query
from comity.search.service.answering import on_withdrawal as on_withdrawal
from comity.search.service.asking import ask as ask
from comity.search.service.asking import bases as bases
from comity.search.service.asking import preview as preview
from comity.search.service.asking import previews as previews
from comity.search.service.asking import told_previews as told_previews
from comity.search.service.awaiting import Awaiting as Awaiting
from comity.search.service.awaiting import asked_under as asked_under
from comity.search.service.awaiting import awaiting as awaiting
from comity.search.service.awaiting import look_of as look_of
from comity.search.service.awaiting import named as named
from comity.search.service.comparing import MOST_WAITING as MOST_WAITING
from comity.search.service.comparing import compared as compared
from comity.search.service.comparing import to_judge as to_judge
from comity.search.service.confirming import JUDGED as JUDGED
from comity.search.service.confirming import confirm as confirm
from comity.search.service.confirming import near_match_explained as near_match_explained
from comity.search.service.confirming import on_confirmation as on_confirmation
from comity.search.service.core.answering import Ruling as Ruling
from comity.search.service.core.answering import authorise as authorise
from comity.search.service.core.answering import on_core_request as on_core_request
from comity.search.service.core.answering import refuse as refuse
from comity.search.service.core.answering import release as release
from comity.search.service.core.answering import release_alone as release_alone
from comity.search.service.core.asking import on_core_data as on_core_data
from comity.search.service.core.asking import on_status as on_status
from comity.search.service.core.asking import open_identity as open_identity
from comity.search.service.core.asking import preview_request as preview_request
from comity.search.service.core.asking import request_core_data as request_core_data
from comity.search.service.correcting import correct as correct
from comity.search.service.ending import expire as expire
from comity.search.service.ending import overdue as overdue
from comity.search.service.ending import withdraw as withdraw
from comity.search.service.following import evidence_requested as evidence_requested
from comity.search.service.following import evidence_settled as evidence_settled
from comity.search.service.forgetting import forget as forget
from comity.search.service.further import asked_about as asked_about
from comity.search.service.further import room_today as room_today
from comity.search.service.life import facts_of as facts_of
from comity.search.service.listing import of_question as of_question
from comity.search.service.listing import page as page
from comity.search.service.noting import note as note
from comity.search.service.noting import notes_of as notes_of
from comity.search.service.noting import on_note as on_note
from comity.search.service.outcomes import outcomes_due as outcomes_due
from comity.search.service.outcomes import outcomes_of as outcomes_of
from comity.search.service.outcomes import record_outcome as record_outcome
from comity.search.service.outcomes import span as span
from comity.search.service.outcomes import statistics as statistics
from comity.search.service.papers import PAPERS as PAPERS
from comity.search.service.papers import issue_paper as issue_paper
from comity.search.service.rechecking import answered as answered
from comity.search.service.rechecking import ask_again as ask_again
from comity.search.service.rechecking import changed as changed
from comity.search.service.rechecking import outdated as outdated
from comity.search.service.rechecking import recheck as recheck
from comity.search.service.resuming import resumable as resumable
from comity.search.service.resuming import resume as resume
from comity.search.service.reviewing import review as review
from comity.search.service.reviewing import turn_down as turn_down
from comity.search.service.showing import detail as detail
from comity.search.service.showing import explain as explain
from comity.search.service.showing import find as find
from comity.search.service.showing import glance as glance
from comity.search.service.showing import listed as listed
from comity.search.service.showing import overview as overview
from comity.search.service.showing import seen_by as seen_by
from comity.search.service.showing import standing as standing
from comity.search.service.showing import summary as summary
from comity.search.service.showing import unknown as unknown
