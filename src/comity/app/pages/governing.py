"""What this node's settings, its law and its keys say, for who is signed in; nothing here changes anything.

Each line names the command, or the file and setting, by which it is changed: whoever may do that has a shell.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from comity.access import service as access
from comity.app import keysheet
from comity.app.settings import FILE, Settings
from comity.app.standing import law, witnesses
from comity.app.wiring import Node
from comity.base.clock import parse_rfc3339
from comity.base.model import Issuer
from comity.evidence import service as evidence
from comity.kit.web.browsers import at_browser
from comity.kit.web.pages import Pages
from comity.kit.web.speech import to_say
from comity.legal import service as legal

POLICIES: Final = "/admin/policies"
KEYS: Final = "/admin/keys"
SOON: Final = timedelta(days=14)
"""A certificate that ends within this time is called for."""


@dataclass(frozen=True)
class Policy:
    """One thing that is laid down: English words marked by `to_say`, the value, a unit, and how it is changed."""

    words: str
    value: str | int
    unit: str = ""
    change: str = ""
    """A command, or a setting of the node's file; empty for what the program itself lays down."""


def governing(pages: Pages, node: Node) -> APIRouter:
    """``/admin/policies`` and ``/admin/keys``."""
    person = at_browser(lambda: node.desk)
    router = APIRouter(include_in_schema=False)

    @router.get(POLICIES)
    def policies(request: Request, _: Annotated[Issuer, Depends(person)]) -> Response:
        with node.database.read("node.policies") as unit:
            quotas, decided, vouching = legal.quotas(unit), law(unit), witnesses(unit, node)
        return pages.page(
            request, "app/policies.html", groups=_groups(node.settings), quotas=quotas, law=decided,
            witnesses=vouching, retention=legal.vocabulary().retention, file=FILE,
        )  # fmt: skip

    @router.get(KEYS)
    def keys(request: Request, _: Annotated[Issuer, Depends(person)]) -> Response:
        found: list[Any] = keysheet.lines(node.keys)
        now = node.database.clock()
        late = [one for one in found if one["valid_until"] and parse_rfc3339(one["valid_until"]) - now < SOON]
        step = "switch" if any(one["which"] == "next" and one["key"] == "tls" for one in found) else "renew"
        return pages.page(request, "app/keys.html", keys=found, late=late, step=step, now=now)

    return router


def _groups(settings: Settings) -> list[tuple[str, list[Policy]]]:
    return [
        (to_say("Sessions and confirmations"), _sessions()), (to_say("What a partner may use"), _allowance(settings)),
        (to_say("Evidence"), [Policy(to_say("An offer stands"), evidence.OFFER_LIFETIME.days, "days")]),
    ]  # fmt: skip


def _sessions() -> list[Policy]:
    return [
        Policy(to_say("A session ends without a request for"), _minutes(access.IDLE), "minutes"),
        Policy(to_say("A session ends at the latest after"), _minutes(access.LONGEST) // 60, "hours"),
        Policy(to_say("An act is to be confirmed within"), _minutes(access.CEREMONY), "minutes"),
        Policy(to_say("A link for a passkey counts for"), _minutes(access.LINK) // 60, "hours", "comity person link"),
        Policy(to_say("Acts that a passkey confirms one by one"), len(access.CONFIRMED)),
        Policy(to_say("Characters of a passphrase, at least"), access.MIN_PASSPHRASE),
    ]


def _allowance(settings: Settings) -> list[Policy]:
    return [
        Policy(to_say("Messages a second"), settings.partner_per_s, "", "partner_per_s"),
        Policy(to_say("Requests at once"), settings.partner_at_once, "", "partner_at_once"),
        Policy(to_say("A delivery is tried again first after"), settings.retry_first_s, "seconds", "retry_first_s"),
        Policy(
            to_say("A delivery is tried again at the latest after"), settings.retry_most_s, "seconds", "retry_most_s"
        ),
        Policy(to_say("An entry may wait for witnesses"), settings.witness_minutes, "minutes", "witness_minutes"),
    ]


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds()) // 60
