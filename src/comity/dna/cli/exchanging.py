"""`comity dna bulk --to`: the daily exchange with partners."""

from collections.abc import Callable

from comity.base.model import Issuer
from comity.dna import service
from comity.dna.service import Daily, Exchanged
from comity.kit.shell import Desk, Progress, agreed, emit, passphrase

Step = Callable[[Exchanged], Exchanged]


def run(station: Desk, person: str, daily: Daily, how: tuple[bool, bool]) -> None:
    """Show how many questions there are for whom, and ask them; `how` is --yes and --json."""
    yes, as_json = how
    issuer = station.enter(person, passphrase(person))

    def counted(stand: Exchanged) -> Exchanged:
        with station.database.read("dna.bulk") as unit:
            return stand.plus(service.due(unit, issuer, daily, stand, True)[0])

    def sent(stand: Exchanged) -> Exchanged:
        with station.acting("search.ask", issuer) as unit:
            return service.exchange_next(unit, issuer, daily, stand)

    if agreed(lambda: _planned(_through(station, issuer, daily, counted)), "Send them?", yes, as_json):
        found = _through(station, issuer, daily, sent)
        emit(found.as_dict(), as_json, lambda: _words(found))


def _through(station: Desk, issuer: Issuer, daily: Daily, step: Step) -> Exchanged:
    """Every portion, until none is left or nobody takes more today."""
    with station.database.read("dna.bulk") as unit:
        stand, total = service.exchange_from(unit, issuer, daily), service.count_profiles(unit)
    with Progress("exchanging", total) as progress:
        while True:
            now = step(stand)
            if now.profiles == stand.profiles:
                return now
            progress.advance(now.profiles - stand.profiles)
            stand = now
            if service.exhausted(stand, daily):
                return stand


def _planned(found: Exchanged) -> str:
    asked = "; ".join(f"{to}: {count}" for to, count in found.asked.items()) or "none"
    return (
        f"Questions by partner: {asked}.\nEach is decided on by the law as in `comity search ask`; partners see the"
        f" alleles, the kind of the profile and the facts of the case, no name and no number.\n{_rest(found)}"
    )


def _words(found: Exchanged) -> str:
    asked = "; ".join(f"{to}: {count}" for to, count in found.asked.items()) or "none"
    return f"Questions asked, by partner: {asked}.\n{_rest(found)}\nAnswers: comity search list."


def _rest(found: Exchanged) -> str:
    left = "; ".join(f"{to}: {count} or more" for to, count in found.left.items()) or "none"
    return (
        f"Asked before: {found.before}. Too few loci: {found.unfit}. Too many hits expected by chance:"
        f" {found.chance}. Left for another day by quotas: {left}."
    )
