"""`comity evidence request | offer | release | ...`: from the question to the hand-over."""

from collections.abc import Callable
from typing import Annotated, Final

import typer

from comity.base.words import in_words, name
from comity.evidence import service
from comity.evidence.cli.options import Case, Reason
from comity.evidence.model.flow import Ask, Offer
from comity.kit.shell import As, AsJson, Desk, acting, agreed, emit
from comity.legal import service as legal
from comity.search.model import Preview

WANTED: Final = "The laboratory report and the exhibits behind this hit"


def asking(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`request` and `refuse-request`."""

    @app.command("request")
    def request(  # a command's options are its parameters
        case: Case,
        person: As,
        about: Annotated[str, typer.Option("--about", metavar="QUERY", help="The query whose hit was confirmed.")] = "",
        to: Annotated[str, typer.Option("--to", metavar="STATE", help="The partner; default: the query's.")] = "",
        wanted: Annotated[str, typer.Option("--wanted", help="What is wanted, in words.")] = WANTED,
        category: Annotated[str, typer.Option("--category", help="exhibit or laboratory_report.")] = "exhibit",
        purpose: Annotated[str, typer.Option("--purpose", help="Purpose code.")] = "criminal_investigation",
        instrument: Annotated[str | None, typer.Option("--instrument", help="Legal basis; default: the best.")] = None,
        yes: Annotated[bool, typer.Option("--yes", help="Send without asking once more.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Ask a partner for evidence as information only. Evidence proper needs a request for assistance.

        Shows the findings of the law, the exact recipient and what it will see, then asks.
        """
        ask = Ask(case, to, wanted, category, about, purpose, instrument)
        with acting(desk(), "evidence.preview", person) as (unit, issuer):
            seen = service.preview(unit, issuer, ask)
        send = "Send to exactly this recipient?" if seen.recipients else "Keep the request on record all the same?"
        if not agreed(lambda: _preview_text(seen), send, yes, as_json):
            return
        with desk().acting("evidence.request", issuer) as unit:
            made = service.request(unit, issuer, ask)
        what = "sent to" if made.state == "open" else f"not sent: {made.state} by our own law for"
        emit(made.as_dict(), as_json, lambda: f"Request {made.id} {what} {made.partner}.")

    @app.command("refuse-request")
    def refuse_request(
        named: Annotated[str, typer.Argument(metavar="REQUEST", help="The partner's request.")],
        person: As,
        ground: Annotated[str, typer.Option("--ground", help="The ground of refusal, a code of the instrument.")],
        reason: Reason,
        as_json: AsJson = False,
    ) -> None:
        """Refuse a partner's request for evidence; the partner receives ground and reason."""
        with acting(desk(), "evidence.refuse-request", person) as (unit, issuer):
            made = service.refuse_request(unit, issuer, named, ground, reason)
        emit(made.as_dict(), as_json, lambda: f"Refused; {made.partner} is told why.")


def _preview_text(seen: Preview) -> str:
    lines = [legal.explain(decision) for decision in seen.decisions.values()]
    if not seen.recipients:
        return "\n".join([*lines, "Exact recipients: nobody; nothing will leave this node."])
    lines.append(f"Exact recipients: {', '.join(seen.recipients)}\nThey will see:")
    lines += [f"  {name(what)}: {in_words(value)}" for what, value in seen.seen.items() if value is not None]
    return "\n".join([*lines, "They will see no name and no case reference but those that you wrote."])


def releasing(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """What leaves: `offer`, `release`, `withdraw`."""

    @app.command("offer")
    def offer(
        request: Annotated[str, typer.Argument(metavar="REQUEST", help="The partner's request.")],
        item: Annotated[list[str], typer.Option("--item", help="An item to release; may be repeated.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Propose items for a partner's request. Nothing leaves until an approver of another unit releases it."""
        with acting(desk(), "evidence.offer", person) as (unit, issuer):
            made = service.offer(unit, issuer, Offer(request, tuple(item)))
        emit(made.as_dict(), as_json, lambda: (
            f"Proposed to {made.recipient}, and to nobody else: {', '.join(made.items)}.\n"
            f"Now an approver: comity evidence release {made.id} --as APPROVER"))  # fmt: skip

    @app.command("withdraw")
    def withdraw(
        release: Annotated[str, typer.Argument(metavar="RELEASE", help="The proposed release.")],
        person: As,
        reason: Reason,
        as_json: AsJson = False,
    ) -> None:
        """Take a proposal back before it has left."""
        with acting(desk(), "evidence.withdraw", person) as (unit, issuer):
            made = service.withdraw(unit, issuer, release, reason)
        emit(made.as_dict(), as_json, lambda: "Withdrawn; nothing has left.")

    @app.command("release")
    def release(
        named: Annotated[str, typer.Argument(metavar="RELEASE", help="A proposed release, or its request.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Approve what another person offered: decided under today's law, packed, signed and sent.

        Custody stays here until the recipient has signed after its own re-hash.
        """
        with acting(desk(), "evidence.release", person) as (unit, issuer):
            made = service.release(unit, desk().vault, issuer, named)
        emit(made.as_dict(), as_json, lambda: (
            f"Package {made.package.sha256 if made.package else ''} is on its way to {made.recipient}."))  # fmt: skip


def answering(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """What came: `accept`, `refuse`."""

    @app.command("accept")
    def accept(
        named: Annotated[str, typer.Argument(metavar="RELEASE", help="The package's release, or our request.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Accept a package after this node's own re-hash, with a signed receipt: custody is ours from here."""
        with acting(desk(), "evidence.accept", person) as (unit, issuer):
            made = service.accept(unit, desk().vault, issuer, named)
        emit(made.as_dict(), as_json, lambda: (
            f"Re-hashed and accepted; the receipt is on its way to {made.sender}."))  # fmt: skip

    @app.command("refuse")
    def refuse(
        named: Annotated[str, typer.Argument(metavar="RELEASE", help="The package's release, or our request.")],
        person: As,
        reason: Reason,
        as_json: AsJson = False,
    ) -> None:
        """Refuse a package with a signed receipt that says why; custody stays with the sender."""
        with acting(desk(), "evidence.refuse", person) as (unit, issuer):
            made = service.refuse(unit, desk().vault, issuer, named, reason)
        emit(made.as_dict(), as_json, lambda: f"Refused; {made.sender} is told why. Custody did not move.")
