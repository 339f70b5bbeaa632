"""The law: tables, decisions, matters, deadlines; and agreements with partners."""

from dataclasses import dataclass
from datetime import date

from comity.base.model import JsonObject
from comity.client.connection import Connection, Objects


@dataclass(frozen=True)
class Emergency:
    """What one person has done alone because of a threat to life; `about` is ROOM:ID."""

    about: str
    partner: str = ""
    oral: bool = False
    deferred: bool = False


@dataclass(frozen=True)
class Terms:
    """What a version of an agreement says: `table` is YAML, `text` Markdown."""

    first: date
    table: str
    text: str
    until: date | None = None
    title: str = ""

    def body(self) -> JsonObject:
        """The terms as JSON."""
        until = self.until.isoformat() if self.until else None
        return {
            "title": self.title, "from": self.first.isoformat(), "until": until, "table": self.table, "text": self.text,
        }  # fmt: skip


@dataclass(frozen=True)
class Law:
    """The law that the node applies, and its decisions."""

    _at: Connection

    def overview(self) -> JsonObject:
        """Instruments, imported tables and the hash of the rules."""
        return self._at.ask("GET", "/legal")

    def instrument(self, code: str) -> JsonObject:
        """One instrument with its rows and their sources."""
        return self._at.ask("GET", "/legal/instruments/{code}", {"code": code})

    def vocabulary(self) -> JsonObject:
        """The closed lists of codes."""
        return self._at.ask("GET", "/legal/vocabulary")

    def forms(self) -> Objects:
        """Official forms with their mandatory blocks."""
        return self._at.ask_all("GET", "/legal/forms")

    def decide(self, question: JsonObject) -> JsonObject:
        """Try a question out; nothing is kept."""
        return self._at.ask("POST", "/legal/decide", body=question)

    def decision(self, id: str) -> JsonObject:
        """A decision of the node, with its findings."""
        return self._at.ask("GET", "/legal/decisions/{decision_id}", {"decision_id": id})

    def explanation(self, decision: str, language: str = "en") -> JsonObject:
        """Why: every finding in words, as text and as HTML."""
        names = {"decision_id": decision}
        return self._at.ask("GET", "/legal/decisions/{decision_id}/explanation", names, query={"language": language})

    def explain(self, question: JsonObject, language: str = "en") -> JsonObject:
        """The same for a question tried out; nothing is kept."""
        return self._at.ask("POST", "/legal/explanations", query={"language": language}, body=question)

    def bases(self, to: str, measure: str, offence: str = "", on: date | None = None, asking: str = "") -> JsonObject:
        """What an act could rest on, the best first."""
        day = on.isoformat() if on else ""
        query = {"to": to, "measure": measure, "offence": offence, "on": day, "from": asking}
        return self._at.ask("GET", "/legal/bases", query=query)

    def bases_of(self, question: JsonObject) -> JsonObject:
        """The same, for a question with facts."""
        return self._at.ask("POST", "/legal/bases", body=question)

    def offences(self, state: str = "", code: str = "") -> Objects:
        """The offences of the tables, with their classes."""
        return self._at.ask_all("GET", "/legal/offences", query={"state": state, "code": code})

    def import_table(self, name: str, text: str) -> JsonObject:
        """Import a dated CSV table."""
        return self._at.ask("POST", "/legal/tables", body={"name": name, "text": text})

    def review(self, instrument: str, note: str, row: str = "") -> Objects:
        """Mark rows of an instrument reviewed as they stand."""
        return self._at.ask_all("POST", "/legal/reviews", body={"instrument": instrument, "note": note, "row": row})

    def sets(self) -> Objects:
        """The sets that lawyers signed, oldest first."""
        return self._at.ask_all("GET", "/legal/sets")

    def sign(self) -> JsonObject:
        """Sign the agency's set as it stands."""
        return self._at.ask("POST", "/legal/sets")

    def changes(self, old: int | None = None, new: int | None = None) -> Objects:
        """What differs between two sets, or what waits."""
        return self._at.ask_all("GET", "/legal/changes", query={"old": old, "new": new})

    def deadlines(self, ended: bool = False) -> Objects:
        """What is due, the soonest first."""
        return self._at.ask_all("GET", "/legal/deadlines", query={"ended": ended})

    def matter(self, id: str) -> JsonObject:
        """A matter with its steps, its clocks and what could be done now."""
        return self._at.ask("GET", "/legal/matters/{matter_id}", {"matter_id": id})

    def step(self, matter: str, event: str, reason: str = "", facts: JsonObject | None = None) -> JsonObject:
        """Take one step in a matter."""
        body = {"event": event, "reason": reason, "facts": facts}
        return self._at.ask("POST", "/legal/matters/{matter_id}/steps", {"matter_id": matter}, body=body)

    def emergency(self, done: Emergency) -> Objects:
        """Threat to life: put on record what one person did alone."""
        body = {"about": done.about, "partner": done.partner, "oral": done.oral, "deferred": done.deferred}
        return self._at.ask_all("POST", "/legal/emergencies", body=body)


@dataclass(frozen=True)
class Agreements:
    """Agreements with partners: nothing is sent, letters are carried."""

    _at: Connection

    def list(self) -> Objects:
        """All of them, drafts too."""
        return self._at.ask_all("GET", "/legal/agreements")

    def show(self, agreement: str) -> JsonObject:
        """One: versions, signatures, text and table."""
        return self._at.ask("GET", "/legal/agreements/{agreement}", {"agreement": agreement})

    def write(self, partner: str, terms: Terms) -> JsonObject:
        """Write an agreement down, as a draft."""
        return self._at.ask("POST", "/legal/agreements", body={**terms.body(), "with": partner})

    def revise(self, agreement: str, terms: Terms) -> JsonObject:
        """Answer the newest version with other terms."""
        names = {"agreement": agreement}
        return self._at.ask("POST", "/legal/agreements/{agreement}/versions", names, body=terms.body())

    def sign(self, agreement: str) -> JsonObject:
        """Sign the newest version for this party."""
        return self._at.ask("POST", "/legal/agreements/{agreement}/signature", {"agreement": agreement})

    def extend(self, agreement: str, until: date) -> JsonObject:
        """Write a version with a later last day."""
        names, body = {"agreement": agreement}, {"until": until.isoformat()}
        return self._at.ask("POST", "/legal/agreements/{agreement}/extension", names, body=body)

    def end(self, agreement: str, on: date, reason: str = "") -> JsonObject:
        """Write a version that ends it."""
        names, body = {"agreement": agreement}, {"on": on.isoformat(), "reason": reason}
        return self._at.ask("POST", "/legal/agreements/{agreement}/ending", names, body=body)

    def letter(self, agreement: str) -> JsonObject:
        """A letter for the partner, signed by the node."""
        return self._at.ask("POST", "/legal/agreements/{agreement}/letter", {"agreement": agreement})

    def receive(self, letter: str) -> JsonObject:
        """Take a partner's letter in."""
        return self._at.ask("POST", "/legal/agreements/letters", body={"letter": letter})
