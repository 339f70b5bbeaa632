"""Repair: a partner asks what it was told since a number, and gets ids and versions; then it says what it lacks.

A listing is asked for at a gap, every day (of a partner first when it has been listed for one), after either log began
another epoch and when an operator says so. Its last page says how many items should be held and a digest of their
versions: where they differ the whole is listed.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from comity.access import service as access
from comity.base.errors import Conflict, Misconfigured
from comity.base.model import Issuer
from comity.exchange.model import Cursor, Listed, Listing, Message, Received
from comity.exchange.service.directory import others
from comity.exchange.service.items.asking import ask, go_on, want
from comity.exchange.service.items.telling import era, say_again
from comity.exchange.service.sending import follow_up
from comity.exchange.service.station import Station
from comity.exchange.service.topics import Topic, Topics, topic_of
from comity.exchange.store import followed, items, partners
from comity.exchange.wire.items import MOST_LISTED, digest_of, listed_body, read_asked, read_listed, read_wanted
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

LISTED: Final = "items.listed"
CAPABILITY: Final = "items"
REPAIRERS: Final = frozenset({"operator", "security_admin"})
EVERY: Final = timedelta(days=1)


def on_asked(unit: Unit, topics: Topics, received: Received) -> None:
    """Answer with a page of what that partner was told; from the beginning where it knows another epoch of our log."""
    asked = read_asked(received.body)
    topic, known = topic_of(topics, asked.kind), asked.era == era(unit) and asked.asked is not None
    since = asked.asked if known and asked.asked is not None else 0
    made = _listing(unit, topic, received.sender, since, whole=asked.whole or not known)
    follow_up(unit, Message(LISTED, (received.sender,), received.conversation, listed_body(made)))


def _listing(unit: Unit, topic: Topic, partner: str, since: int, *, whole: bool) -> Listing:
    found = items.since(unit, topic.kind, partner, since, MOST_LISTED + 1)
    page, more = tuple(found[:MOST_LISTED]), len(found) > MOST_LISTED
    held = [] if more else items.live(unit, topic.kind, partner)
    until = page[-1].number if page else since
    return Listing(topic.kind, era(unit), since, until, whole, more, len(held), digest_of(held), page)


def on_listed(unit: Unit, topics: Topics, received: Received) -> None:
    """Compare a page with what is held: forget what was withdrawn, ask for what is missing, and go on behind it.

    A listing that was not asked for changes nothing.
    """
    listing = read_listed(received.body)
    topic, cursor = topic_of(topics, listing.kind), followed.cursor_of(unit, received.sender, listing.kind)
    if not _is_answer(cursor, listing):
        return
    if listing.era > cursor.era:
        followed.unmark(unit, received.sender, listing.kind)
        cursor = replace(cursor, number=0)
    cursor = replace(cursor, era=listing.era, whole=listing.whole, asked_at=None)
    want(unit, received.sender, listing.kind, [*_missing(unit, topic, received.sender, listing)])
    if listing.more:
        go_on(unit, replace(cursor, asked=listing.until))
    else:
        _end(unit, topic, replace(cursor, asked=None, number=max(cursor.number, listing.until)), listing)


def _is_answer(cursor: Cursor, listing: Listing) -> bool:
    """To what was asked last; or from the beginning, because our epoch was not the holder's."""
    if cursor.asked is None:
        return False
    if listing.era == cursor.era:
        return listing.since == cursor.asked and listing.whole >= cursor.whole
    return listing.era > cursor.era and listing.whole and listing.since == 0


def _missing(unit: Unit, topic: Topic, holder: str, listing: Listing) -> Iterable[str]:
    """The items of a page that are newer than what is held; what was withdrawn is forgotten at once."""
    for one in listing.items:
        row = followed.find(unit, holder, topic.kind, one.id)
        held = (row.era, row.version) if row is not None else (0, 0)
        if held >= (listing.era, one.version):
            followed.keep(unit, (holder, topic.kind, one.id), _same(row))
        elif one.withdrawn:
            _forget(unit, topic, holder, (listing.era, one))
        else:
            era_held, version = held if held[0] == listing.era else (listing.era, 0)
            values = {"era": era_held, "version": version, "withdrawn": False, "due": one.version}
            followed.keep(unit, (holder, topic.kind, one.id), values)
            yield one.id


def _same(row: followed.Row | None) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("era", "version", "withdrawn", "due")}


def _forget(unit: Unit, topic: Topic, holder: str, told: tuple[int, Listed]) -> None:
    number, one = told
    topic.drop(unit, holder, one.id)
    values = {"era": number, "version": one.version, "withdrawn": True, "due": 0}
    followed.keep(unit, (holder, topic.kind, one.id), values)


def _end(unit: Unit, topic: Topic, cursor: Cursor, listing: Listing) -> None:
    """The last page: what the whole does not name is held no more; what differs still is listed as a whole."""
    if listing.whole:
        for id in followed.unmarked(unit, cursor.holder, cursor.kind):
            row = followed.find(unit, cursor.holder, cursor.kind, id)
            _forget(unit, topic, cursor.holder, (listing.era, Listed(id, row.version if row else 0, 0, True)))
    held = followed.live(unit, cursor.holder, cursor.kind)
    same = len(held) == listing.live and digest_of(held) == listing.digest
    done = replace(cursor, whole=False, checked=unit.now, own_era=era(unit))
    if same or listing.whole:
        followed.keep_cursor(unit, done)
    else:
        ask(unit, done, whole=True)


def on_wanted(unit: Unit, topics: Topics, received: Received) -> None:
    """Say again what the partner lacks, as it is now; what it is not told of (any more) is passed over."""
    kind, ids = read_wanted(received.body)
    topic = topic_of(topics, kind)
    for id in ids:
        say_again(unit, topic, received.sender, id)


def repair_due(station: Station) -> list[str]:
    """Ask each partner that announces items for what was not looked at for a day; the partners asked.

    What was announced and has not come is asked for again. One to whom nothing can be sent is left for later.
    """
    with station.database.read("exchange.items-due") as unit:
        due = [one for one in _follows(unit, station.topics) if _is_due(unit, *one)]
    if not due or station.database.sealed:
        return []
    with station.database.unit("exchange.items-due") as unit:
        return [holder for holder, topic in due if _asked(unit, holder, topic)]


def repair_now(unit: Unit, topics: Topics, issuer: Issuer, partner: str) -> list[str]:
    """An operator has a partner, or all (empty), asked for what it told since the last time; who was asked. Logged."""
    acted = access.act(unit, issuer, "exchange.repair", {"partner": partner}, REPAIRERS)
    found = [holder for holder, topic in _follows(unit, topics, partner) if _asked(unit, holder, topic)]
    if partner and not found:
        raise Conflict("exchange.items", f"{partner} cannot be asked for items", where=partner[:16],
                       todo="See `comity partners`: is it listed, does it announce `items`, is it frozen?")  # fmt: skip
    log.append(unit, Record("items.repair", acted.actor, {"partners": [*dict.fromkeys(found)]}, None,
                            auth_hash=acted.auth_hash))  # fmt: skip
    return [*dict.fromkeys(found)]


def _follows(unit: Unit, topics: Topics, partner: str = "") -> list[tuple[str, Topic]]:
    """Whom this node follows, and for what; nobody before it has a directory."""
    try:
        members = [one for one in others(unit) if CAPABILITY in one.capabilities and partner in {"", one.code}]
    except Misconfigured:
        return []
    return [(one.code, topic) for one in members for topic in topics.values()]


def _asked(unit: Unit, holder: str, topic: Topic) -> bool:
    """Whether it could be asked: a partner that is frozen, say, cannot."""
    return unit.attempt(f"{holder} is not asked for {topic.kind}", lambda: _ask(unit, topic, holder))[1] == ""


def _is_due(unit: Unit, holder: str, topic: Topic) -> bool:
    cursor = followed.cursor_of(unit, holder, topic.kind)
    if cursor.asked_at is not None:
        return unit.now - cursor.asked_at > EVERY
    if max(cursor.own_era, 1) != era(unit):
        return True
    since = cursor.checked or partners.listed_since(unit, holder)
    return since is not None and unit.now - since > EVERY


def _ask(unit: Unit, topic: Topic, holder: str) -> None:
    want(unit, holder, topic.kind, followed.waited_for(unit, holder, topic.kind, MOST_LISTED))
    ask(unit, followed.cursor_of(unit, holder, topic.kind), whole=False)
