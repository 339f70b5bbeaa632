"""Whom the commands that ask and look turn to: this node or one at a distance; both tell what the officer API does."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from comity.base.clock import monotonic
from comity.base.errors import Unavailable
from comity.base.model import Issuer, JsonObject
from comity.client.node import Node
from comity.client.searches import Question
from comity.kit.shell import Desk, Unit
from comity.search import service
from comity.search.model import Ask, Matcher

Matchers = Callable[[], dict[str, Matcher[Unit]]]
Reached = Callable[[JsonObject], bool]
_EVERY: Final = 1.0
"""Seconds between two looks while something is awaited."""


class Questions(Protocol):
    """Questions of one person, and what came of them."""

    def preview(self, question: Ask) -> JsonObject:
        """What would leave, to whom, and what the law says; of several records under ``profiles``."""

    def ask(self, question: Ask) -> list[JsonObject]:
        """Ask: a summary of each query."""

    def listed(self, case: str | None, side: str | None, before: str) -> list[JsonObject]:
        """Summaries of the latest queries that the person needs to know of, or of those before one; oldest first."""

    def show(self, query: str) -> JsonObject:
        """One query with answer, candidates, life and clocks."""

    def glance(self, query: str) -> JsonObject:
        """A query's summary, without a look at what was found."""

    def waits(self, asked: Sequence[JsonObject]) -> bool:
        """Whether one of these queries, just asked, has no answer yet."""

    def wait_for_change(self, seconds: float) -> None:
        """Return when something may have changed, at the latest after so many seconds."""


@dataclass(frozen=True)
class Here:
    """On this node."""

    desk: Desk
    issuer: Issuer
    matchers: Matchers

    def preview(self, question: Ask) -> JsonObject:
        """Decided by this node's law; nothing is sent."""
        with self.desk.acting("search.preview", self.issuer) as unit:
            matcher = service.matcher_of(self.matchers(), question.modality)
            return service.told_previews(service.previews(unit, matcher, self.issuer, question))

    def ask(self, question: Ask) -> list[JsonObject]:
        """One act, however many records and states."""
        with self.desk.acting("search.ask", self.issuer) as unit:
            matcher = service.matcher_of(self.matchers(), question.modality)
            return [service.summary(query) for query in service.ask(unit, matcher, self.issuer, question)]

    def listed(self, case: str | None, side: str | None, before: str) -> list[JsonObject]:
        """By need to know."""
        viewer = self.issuer.actor
        with self.desk.reading("search.list", self.issuer) as unit:
            return [service.summary(q) for q in service.listed(unit, viewer, case=case, side=side, before=before)]

    def show(self, query: str) -> JsonObject:
        """The look is logged."""
        with self.desk.acting("search.show", self.issuer) as unit:
            return service.seen_by(unit, query, self.issuer.actor)

    def glance(self, query: str) -> JsonObject:
        """By need to know."""
        with self.desk.database.read("search.list") as unit:
            return service.summary(service.glance(unit, query, self.issuer.actor))

    def waits(self, asked: Sequence[JsonObject]) -> bool:
        """By their questions."""
        with self.desk.database.read("search.list") as unit:
            questions = dict.fromkeys(str(one["question"]) for one in asked)
            found = (query for question in questions for query in service.overview(unit, question=question))
            return any(query.status == "pending" for query in found)

    def wait_for_change(self, seconds: float) -> None:
        """The database says when."""
        self.desk.database.wait_for_change(min(seconds, _EVERY))


@dataclass(frozen=True)
class There:
    """At a distance, for whom the access token is."""

    node: Node

    def preview(self, question: Ask) -> JsonObject:
        """Decided by the law of that node."""
        return self.node.searches.preview(_question(question))

    def ask(self, question: Ask) -> list[JsonObject]:
        """Sent once: whether it was done where no answer comes, the error leaves open."""
        return self.node.searches.ask(_question(question))

    def listed(self, case: str | None, side: str | None, before: str) -> list[JsonObject]:
        """The queries."""
        return self.node.searches.list(case, side, before or None)

    def show(self, query: str) -> JsonObject:
        """One query."""
        return self.node.searches.show(query)

    def glance(self, query: str) -> JsonObject:
        """From the list, which leaves no entry at every look."""
        found = (one for one in self.node.searches.list() if one["query"] == query)
        return next(found, None) or self.node.searches.show(query)

    def waits(self, asked: Sequence[JsonObject]) -> bool:
        """By the list of their case."""
        ids = {one["query"] for one in asked}
        cases = {str(one["case"]) for one in asked}
        found = (query for case in cases for query in self.node.searches.list(case))
        return any(query["status"] == "pending" for query in found if query["query"] in ids)

    def wait_for_change(self, seconds: float) -> None:
        """Nobody tells at a distance: time passes."""
        time.sleep(min(seconds, _EVERY))


def _question(ask: Ask) -> Question:
    return Question(
        ask.case, ask.ref, ask.recipients, ask.further, ask.purpose, ask.instrument, ask.urgency, ask.modality,
        ask.facts, ask.emergency, ask.oral, ask.accepted,
    )  # fmt: skip


def await_answers(questions: Questions, asked: Sequence[JsonObject], wait: float) -> None:
    """Return when every state has answered or is unavailable, at the latest after `wait` seconds."""
    end = monotonic() + wait
    while (left := end - monotonic()) > 0 and questions.waits(asked):
        questions.wait_for_change(left)


def await_state(questions: Questions, query: str, reached: Reached, wait: float) -> None:
    """Return when the query, as this person may know it, has `reached` what is awaited; Unavailable after `wait` s."""
    end = monotonic() + wait
    found = questions.show(query)
    while (left := end - monotonic()) > 0:
        if reached(found):
            return
        questions.wait_for_change(left)
        found = questions.glance(query)
    raise Unavailable("search.waiting", f"Not after {wait:.0f} s", todo="Look again later.")
