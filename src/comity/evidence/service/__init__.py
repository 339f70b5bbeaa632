"""The verbs of evidence, the room's only door.

Taking in: `stage`, `take_in`, `items`. The asking agency: `preview`, `request`, `accept`, `refuse`; `keep_package`,
`on_package`, `on_key`, `on_countersigned`, `on_refusal`. The releasing agency: `offer` and `release` (two persons of
two units), `withdraw`, `overdue`, `lapse`, `owed`, `hand_out`, `refuse_request`; `on_request`, `on_acceptance`, and the
watcher `on_delivery`. For everybody: `overview`, `detail`, `progress`, `export`, and the lists `list_items`,
`list_requests`, `list_received`, `list_packages`. `verify`, of a `package_file`, needs no node: a package, with
receipts, against a federation's directory. When a case is erased: `forget`.

Handlers take `(unit, received)`; those that read or keep a package also `vault`, which app binds.
"""

from comity.evidence.rules import OFFER_LIFETIME as OFFER_LIFETIME
from comity.evidence.service.accepting import accept as accept
from comity.evidence.service.accepting import on_countersigned as on_countersigned
from comity.evidence.service.accepting import refuse as refuse
from comity.evidence.service.awaiting import items_named as items_named
from comity.evidence.service.awaiting import open_requests as open_requests
from comity.evidence.service.awaiting import to_accept as to_accept
from comity.evidence.service.awaiting import to_release as to_release
from comity.evidence.service.forgetting import forget as forget
from comity.evidence.service.listing import list_items as list_items
from comity.evidence.service.listing import list_packages as list_packages
from comity.evidence.service.listing import list_received as list_received
from comity.evidence.service.listing import list_requests as list_requests
from comity.evidence.service.listing import may_not_know as may_not_know
from comity.evidence.service.listing import offerable as offerable
from comity.evidence.service.listing import statistics as statistics
from comity.evidence.service.offering import offer as offer
from comity.evidence.service.offering import withdraw as withdraw
from comity.evidence.service.papers import issue_custody as issue_custody
from comity.evidence.service.receiving import keep_package as keep_package
from comity.evidence.service.receiving import on_key as on_key
from comity.evidence.service.receiving import on_package as on_package
from comity.evidence.service.releasing import release as release
from comity.evidence.service.requesting import on_refusal as on_refusal
from comity.evidence.service.requesting import on_request as on_request
from comity.evidence.service.requesting import preview as preview
from comity.evidence.service.requesting import refuse_request as refuse_request
from comity.evidence.service.requesting import request as request
from comity.evidence.service.requesting import speaks_of as speaks_of
from comity.evidence.service.sealing import hand_out as hand_out
from comity.evidence.service.sealing import on_delivery as on_delivery
from comity.evidence.service.sealing import owed as owed
from comity.evidence.service.settling import lapse as lapse
from comity.evidence.service.settling import on_acceptance as on_acceptance
from comity.evidence.service.settling import overdue as overdue
from comity.evidence.service.showing import detail as detail
from comity.evidence.service.showing import detail_in_case as detail_in_case
from comity.evidence.service.showing import export as export
from comity.evidence.service.showing import overview as overview
from comity.evidence.service.showing import progress as progress
from comity.evidence.service.showing import seal_of as seal_of
from comity.evidence.service.showing import unknown as unknown
from comity.evidence.service.taking import items as items
from comity.evidence.service.taking import stage as stage
from comity.evidence.service.taking import take_in as take_in
from comity.evidence.service.verifying import package_file as package_file
from comity.evidence.service.verifying import verify as verify
