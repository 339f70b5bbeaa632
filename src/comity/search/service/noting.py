"""The thread of a near match: what two laboratories tell each other until the difference between two profiles is clear.

Source: Council Decision 2008/616/JHA, Annex, chapter 1, 1.2: both sides check a near match against their typing. A note
changes no state: each laboratory corrects its own profile, or closes the near match when it is satisfied.
"""

from comity.access import service as access
from comity.base.errors import BadInput, Conflict
from comity.base.model import Issuer, JsonObject
from comity.exchange.model import Received
from comity.kit.database.unit import Unit
from comity.search import rules, store, wire
from comity.search.model import Note, Query
from comity.search.service import life
from comity.search.service.blinding import as_known
from comity.search.service.confirming import EXAMINERS

MOST_NOTES = 200
"""Notes of one query that are kept; nobody needs more, and a partner cannot fill a disk with them."""


def note(unit: Unit, issuer: Issuer, query_id: str, kind: str, words: str) -> Note:
    """Tell the other laboratory what this one found about a near match; `words` are read there.

    The same note by the same person again, as by a double click, is that note. BadInput for words that are empty or
    too long, Conflict unless the near match is open here.
    """
    if not words.strip() or len(words) > wire.MAX_NOTE:
        raise BadInput("search.note", f"A note takes 1 to {wire.MAX_NOTE} characters", where="words",
                       todo="Say in a few words what was found, and name nobody.")  # fmt: skip
    found = rules.check_finding(kind)
    query = store.find_query(unit, query_id)
    life.readable(unit, query, issuer.actor)
    subject: JsonObject = {"query": query.id, "finding": found, "words": words}
    acted = access.act(unit, issuer, "search.note", subject, EXAMINERS)
    life.in_state(as_known(unit, query, issuer.actor), "both_laboratories")
    earlier = _thread(unit, query)
    if earlier and (earlier[-1].kind, earlier[-1].words, earlier[-1].person) == (found, words, acted.actor.person):
        return earlier[-1]
    deed = life.record(unit, "noted", query, {"finding": found, "words": words}, acted)
    made = Note(query.id, len(earlier), unit.node, acted.actor.person, found, words, unit.now, deed.entry)
    _keep(unit, query, made)
    life.tell(unit, query, (wire.NOTE, wire.NoteBody(query.id, found, words).as_json()), acted.act_hash)
    return made


def on_note(unit: Unit, received: Received) -> None:
    """The other laboratory's note: kept, and shown with ours."""
    body = wire.parse_note(received.body)
    query = life.from_partner(unit, body.query, received, store.find_query(unit, body.query).side)
    if query.status != "near_match":
        raise Conflict("search.no-near-match", f"Query {query.id} is no near match", where=query.partner,
                       todo="Notes are about near matches.")  # fmt: skip
    told: JsonObject = {"finding": body.kind, "words": body.words, "message": received.id}
    deed = life.record(unit, "noted_abroad", query, told)
    seq = len(_thread(unit, query))
    _keep(unit, query, Note(query.id, seq, received.sender, "", body.kind, body.words, unit.now, deed.entry))


def notes_of(unit: Unit, query: Query) -> list[Note]:
    """Both laboratories' notes on a query, oldest first; whoever calls has checked who may see it."""
    return _thread(unit, query)


def _thread(unit: Unit, query: Query) -> list[Note]:
    return store.notes.thread(unit, query.id, life.key_of(unit, query))


def _keep(unit: Unit, query: Query, made: Note) -> None:
    if made.seq >= MOST_NOTES:
        raise Conflict("search.notes", f"Query {query.id} holds {MOST_NOTES} notes", where=query.partner,
                       todo="Talk to the other laboratory, and close the near match.")  # fmt: skip
    store.notes.insert(unit, made, life.key_of(unit, query))
