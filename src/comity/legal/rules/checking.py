"""Tables checked against the vocabulary and against each other: codes, dates, overlaps, contradictions.

What one row says by itself is checked where it is read (`wire`); here it meets all the others. Every refusal names
file, row and reason.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import Final, Protocol, TypeVar

from comity.base.errors import BadInput
from comity.legal.model import (
    Clause,
    DatedQuota,
    Declaration,
    Instrument,
    Offence,
    Participation,
    Recipient,
    Row,
    Vocabulary,
)
from comity.legal.rules import quotas
from comity.legal.rules.vocabulary import CLAUSES, LISTS, VALUES

EVERYWHERE: Final = "*"


class Dated(Protocol):
    """A row with validity, both ends included; None is open."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...
    @property
    def where(self) -> str: ...


D = TypeVar("D", bound=Dated)
H = TypeVar("H", bound=Hashable)
D_contra = TypeVar("D_contra", contravariant=True)
H_co = TypeVar("H_co", covariant=True)


class Key(Protocol[D_contra, H_co]):
    """What rows are grouped by."""

    def __call__(self, row: D_contra, /) -> H_co: ...


def covers(declared: str, article: str) -> bool:
    """Whether a declaration to the articles `declared` (as ``5;6``) touches a row's `article` (as ``5(1)`` or
    ``3,7-10``): the same article, a paragraph of it, or the article of which the row is a paragraph; ``*`` is every
    article, for words of which nobody has said yet what they are about."""
    return declared == EVERYWHERE or any(
        _touches(part, place) for part in declared.split(";") for place in article.split(",")
    )


def _touches(declared: str, place: str) -> bool:
    if place == declared or place.startswith(f"{declared}(") or declared.startswith(f"{place}("):
        return True
    first, _, last = place.partition("-")
    number = declared.partition("(")[0]
    if not (first.isdecimal() and last.isdecimal() and number.isdecimal()):
        return False
    return int(first) <= int(number) <= int(last)


def grouped(rows: Iterable[D], key: Key[D, H]) -> dict[H, tuple[D, ...]]:
    """The rows by `key`, each group in the order of its first days."""
    found: dict[H, list[D]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: r.valid_from):
        found[key(row)].append(row)
    return {k: tuple(v) for k, v in found.items()}


Versions = Mapping[str, tuple[Instrument, ...]]
"""The versions of each instrument, the earliest first."""


def check_instruments(instruments: Iterable[Instrument], words: Vocabulary) -> dict[str, tuple[Instrument, ...]]:
    """The versions of each instrument by its code, the earliest first; no two hold on one day, and of each version
    each measure stands under an article only once."""
    by_code: dict[str, list[Instrument]] = defaultdict(list)
    for instrument in sorted(instruments, key=lambda i: i.valid_from or date.min):
        by_code[instrument.code].append(instrument)
        for row in instrument.rows:
            _check_row(row, words)
        twice = [k for k, n in Counter((r.measure, r.article) for r in instrument.rows).items() if n > 1]
        if twice:
            raise bad(f"two rows for {twice[0][0]} under article {twice[0][1]}", instrument.where or instrument.code)
    for versions in by_code.values():
        _check_versions(versions)
    return {code: tuple(versions) for code, versions in by_code.items()}


def _check_versions(versions: list[Instrument]) -> None:
    for first, second in pairwise(versions):
        if overlap(first, second):
            reason = (
                f"two tables of {second.code} for the same days: {_days(second)} here, {_days(first)} in {first.where}"
            )
            raise bad(reason, f"{second.where} {second.rows[0].measure}/{second.rows[0].article}")


def overlap(one: Instrument, other: Instrument) -> bool:
    """Whether two versions hold on one day; an open end holds for ever."""
    ends = (one.valid_until or date.max, other.valid_until or date.max)
    return max(one.valid_from or date.min, other.valid_from or date.min) <= min(ends)


def _days(instrument: Instrument) -> str:
    return f"{instrument.valid_from or 'ever'} to {instrument.valid_until or 'open'}"


def _check_row(row: Row, words: Vocabulary) -> None:
    _one(row.measure, "measures", words, row.where)
    clauses: Mapping[str, tuple[Clause, ...]] = {
        "use_limits": row.use_limits, "refusal_grounds": row.refusal_grounds, "channels": row.channels,
        "requirements": row.requirements,
    }  # fmt: skip
    for kind, found in clauses.items():
        for clause in found:
            _one(clause.code, CLAUSES[kind], words, row.where)
    for condition in row.conditions:
        for key in ("one_of", "none_of", "listed", "unless_listed"):
            codes = condition.values.get(key)
            if condition.kind in LISTS and isinstance(codes, list):
                for code in codes:
                    _one(str(code), LISTS[condition.kind], words, row.where)
        classes = condition.values.get("classes")
        for code in classes if isinstance(classes, list) else ():
            _one(str(code), "iccs", words, row.where)


def _one(code: str, scheme: str, words: Vocabulary, where: str) -> None:
    if code not in words.codes(scheme):
        raise bad(f"{scheme}: unknown code {code!r}", where)


def check_participations(rows: tuple[Participation, ...], instruments: Versions) -> None:
    """Of known instruments that are in force, not before their first day, and no two at once."""
    for row in rows:
        first, *later = _known(row.instrument, instruments, row.where)
        if not any(version.in_force for version in (first, *later)):
            raise bad(
                f"participation contradicts the table of {row.instrument}, which says that it is not in force",
                row.where,
            )
        if first.valid_from is not None and row.valid_from < first.valid_from:
            raise bad(f"participation before {row.instrument} itself (from {first.valid_from})", row.where)
    apart(rows, lambda p: (p.instrument, p.state), "participation")


def check_declarations(rows: tuple[Declaration, ...], instruments: Versions, words: Vocabulary) -> None:
    """Of known instruments, to articles on which rows rest, with values that go with their effects; no two at once."""
    ids: dict[str, str] = {}
    for row in rows:
        _check_declaration(row, _known(row.instrument, instruments, row.where), words)
    apart(rows, _sameness, "declaration")
    for row in rows:
        if row.id in ids:
            raise bad(f"id {row.id!r} is already that of {ids[row.id]}", row.where)
        ids[row.id] = row.where


def _check_declaration(row: Declaration, versions: tuple[Instrument, ...], words: Vocabulary) -> None:
    _one(row.effect, "effects", words, row.where)
    if row.effect in VALUES:
        _one(row.value, VALUES[row.effect], words, row.where)
    elif row.effect == "threshold":
        if not (row.value.isascii() and row.value.isdigit() and len(row.value) <= 5):
            raise bad(f"value: a threshold is a number of months, not {row.value!r}", row.where)
    elif row.value:
        raise bad(f"value: {row.effect} takes none, not {row.value!r}", row.where)
    for part in row.article.split(";"):
        if not any(covers(part, r.article) for version in versions for r in version.rows):
            raise bad(f"article {part!r}: no row of {row.instrument} rests on it", row.where)


def check_offences(rows: tuple[Offence, ...], words: Vocabulary) -> None:
    """With codes of the classifications; no two of one code at once."""
    for row in rows:
        _one(row.iccs, "iccs", words, row.where)
        _one(row.category, "categories", words, row.where)
        if row.eaw_list:
            _one(row.eaw_list, "eaw_list", words, row.where)
    apart(rows, lambda o: (o.state, o.code), "offence")


def check_recipients(rows: tuple[Recipient, ...], words: Vocabulary) -> None:
    """With codes of the vocabulary; no state judges itself, nor another twice at once."""
    for row in rows:
        _one(row.basis, "transfer_bases", words, row.where)
        _one(row.death_penalty, "death_penalty", words, row.where)
        _one(row.torture_risk, "torture_risk", words, row.where)
        if row.by == row.recipient:
            raise bad(f"recipient: {row.by} cannot be its own", row.where)
    apart(rows, lambda r: (r.by, r.recipient), "finding")


def check_quotas(rows: tuple[DatedQuota, ...], words: Vocabulary) -> None:
    """Quotas that can be; no two for the same at once."""
    for row in rows:
        wrong = quotas.wrong(row.quota, words.codes("measures"))
        if wrong:
            raise bad(wrong, row.where)
    apart(rows, lambda q: quotas.key_of(q.quota), "quota")


def _known(code: str, instruments: Versions, where: str) -> tuple[Instrument, ...]:
    if code not in instruments:
        raise bad(f"unknown instrument {code!r}", where)
    return instruments[code]


def _sameness(row: Declaration) -> tuple[str, str, str, str, str]:
    value = "" if row.effect == "threshold" else row.id if row.effect == "in_words" else row.value
    return (row.instrument, row.state, row.article, row.effect, value)


def apart(rows: Iterable[D], key: Key[D, Hashable], what: str) -> None:
    """Refuses two rows of one group that hold on the same day."""
    for same in grouped(rows, key).values():
        for first, second in pairwise(same):
            if first.valid_until is None or second.valid_from <= first.valid_until:
                raise bad(f"{what} overlaps {first.where} (from {first.valid_from})", second.where)


def bad(reason: str, where: str) -> BadInput:
    """The one error of tables that contradict the vocabulary or each other."""
    return BadInput("legal.table", reason, where=where, todo="Correct the row and load the table again.")
