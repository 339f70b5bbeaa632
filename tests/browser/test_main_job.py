"""The main job through the screens: people in three countries search, judge, name and hand over, each at a browser.

Once by the keyboard alone, with passkeys; once without scripts.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hands import Hands, somebody
from tests.journeys.conftest import made_once
from tests.journeys.federation import CASES, Federation, copied
from tests.journeys.story import ACCOUNT, REPORT, Story, queries, query, rest, stage

pytestmark = pytest.mark.journey


@pytest.fixture
def world(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    with copied(made_once(tmp_path_factory), tmp_path) as made:
        made.start()
        yield made


class Screens:
    """The job step by step; a person sits down at a browser when first needed, and stays."""

    def __init__(self, chromium: Browser, world: Federation, sitting: ExitStack, scripts: bool) -> None:
        self._chromium, self._world, self._sitting, self.scripts = chromium, world, sitting, scripts
        self._people: dict[tuple[str, str], Hands] = {}
        self.story = Story(world)
        self.near = ""

    def at(self, code: str, person: str) -> Hands:
        """The person at their browser."""
        if (code, person) not in self._people:
            opened = somebody(self._chromium, self._world[code], person, self.scripts)
            self._people[code, person] = self._sitting.enter_context(opened)
        return self._people[code, person]

    def tell(self, folder: Path) -> None:
        """All of it."""
        self.ask()
        self.judge()
        self.explain()
        self.name()
        self.hand_over(folder)

    def ask(self) -> None:
        """The officer goes through the wizard, sees exactly who gets what, sends, and sees both answers come in."""
        officer = self.at("XA", "officer-1")
        officer.go("/search/new")
        officer.write("Case", CASES["homicide"][1])
        officer.write("DNA profile", self.story.scene.profile)
        for button in ("Go on", "Go on", "Go on"):
            officer.press(button)
        for state in ("(XB)", "(XC)"):
            officer.tick(state)
        officer.press("Check before sending")
        expect(officer.page.locator(".recipients li")).to_have_count(2)
        officer.press("Send to exactly these")
        for answer in ("hit", "near_match"):
            self._appears(officer, f'[data-live] [data-answer="{answer}"]')
        self.story.query = next(q.id for q in queries(self._world["XA"], partner="XB"))
        self.near = next(q.id for q in queries(self._world["XA"], partner="XC"))

    def _appears(self, somebody: Hands, sign: str) -> None:
        """It comes by itself; without scripts a person asks again."""
        if self.scripts:
            expect(somebody.page.locator(sign).first).to_be_visible(timeout=30_000)
            return
        rest(self._world)
        somebody.page.reload()
        expect(somebody.page.locator(sign).first).to_be_visible()

    def judge(self) -> None:
        """Both laboratories judge the hit side by side, and neither sees the other's verdict before its own."""
        for code in ("XB", "XA"):
            self._verdict(self.at(code, "examiner-1"), self.story.query, "match")
            rest(self._world)
        self.story.both("confirmed", "confirmed")

    def _verdict(self, examiner: Hands, id: str, verdict: str) -> None:
        examiner.go(f"/search/{id}")
        examiner.open_first("Candidates")
        examiner.sees("You judge blind")
        examiner.tick(verdict)
        examiner.write("Why", "all compared loci were looked at")
        examiner.press("Give the verdict")
        examiner.sees("You have judged this candidate")

    def explain(self) -> None:
        """The third country's laboratory says what explains the near match."""
        examiner = self.at("XC", "examiner-1")
        examiner.go(f"/search/{self.near}")
        examiner.unfold("Close the near match")
        examiner.write("What explains it", "the sample stems from a brother, as the file shows")
        examiner.press("Close it")
        rest(self._world)
        states = {query(self._world[code], self.near).state for code in ("XC",)}
        assert states == {"closed_near_match"}

    def name(self) -> None:
        """Core data: asked for after a look at what leaves, authorised, released, opened for a reason."""
        officer, path = self.at("XA", "officer-1"), f"/search/{self.story.query}"
        officer.go(path)
        officer.write("Facts of the offence", ACCOUNT)
        officer.press("Check what would leave")
        officer.press("Ask for core data")
        self.story.both("awaiting_judge", "awaiting_judge")
        judge = self.at("XB", "judge-1")
        judge.go(path)
        judge.unfold("Decide as a judge")
        judge.tick("granted")
        judge.write("Reference of the order", "BJ 2026/41")
        judge.press("Decide")
        self._confirmed(judge, path)
        self.story.both("authorised", "authorised")
        approver = self.at("XB", "approver-1")
        approver.go(path)
        approver.unfold("Release core data")
        approver.press("Release")
        self._confirmed(approver, path)
        self.story.both("core_released", "core_released")
        officer.go(path)
        officer.unfold("Open the released core data")
        officer.write("Why you open them", "to identify the suspect")
        officer.press("Open")
        officer.sees("Synthetic person K")

    def _confirmed(self, somebody: Hands, path: str) -> None:
        """The passkey signs exactly this act before it is done."""
        if self.scripts:
            somebody.page.wait_for_url(f"**{path}")

    def hand_over(self, folder: Path) -> None:
        """The laboratory's report: taken in, asked for, offered, released, accepted by who re-hashed it."""
        report = folder / "report.txt"
        report.write_bytes(REPORT)
        self._take_in(report)
        self._ask_for_it()
        custodian = self.at("XB", "custodian-1")
        custodian.go(f"/evidence/requests/{self.story.request}")
        custodian.tick("XB-7")
        custodian.press("Offer these")
        self._passed(custodian, "/evidence/")
        approver = self.at("XB", "approver-1")
        approver.go(f"/evidence/requests/{self.story.request}")
        approver.open_first("Answers")
        approver.press("Release")
        self._passed(approver, "/evidence/")
        self.story.settle(lambda: self._stage("XA") == "received", "the package is there")
        self._accept()

    def _take_in(self, report: Path) -> None:
        custodian = self.at("XB", "custodian-1")
        custodian.go("/evidence/new")
        custodian.write("Case", CASES["exhibits"][1])
        custodian.write("Kind", "laboratory_report")
        custodian.write("Where it comes from", "laboratory")
        custodian.write("Exhibit number", "XB-7")
        custodian.attach("File", report)
        custodian.press("Seal and take in")
        custodian.sees("XB-7")

    def _ask_for_it(self) -> None:
        officer = self.at("XA", "officer-1")
        officer.go("/evidence/ask")
        officer.write("Case", CASES["homicide"][1])
        officer.write("Query", self.story.query)
        officer.write("What is wanted", "the report on the match")
        officer.tick("Laboratory report")
        officer.press("See what would be sent")
        officer.press("Send the request")
        self.story.request = officer.page.url.rsplit("/", 1)[1]
        self.story.settle(lambda: self._stage("XB") == "open", "the request is there")

    def _accept(self) -> None:
        examiner = self.at("XA", "examiner-1")
        examiner.go("/evidence/packages")
        examiner.open_first("Packages")
        examiner.press("Re-hash and accept")
        self._passed(examiner, "/evidence/")
        self.story.settle(lambda: self._stage("XA") == "countersigned", "both have signed")

    def _stage(self, code: str) -> str:
        return stage(self._world[code], self.story.request)

    def _passed(self, somebody: Hands, part: str) -> None:
        if self.scripts:
            somebody.page.wait_for_url(f"**{part}*")


@pytest.mark.parametrize("scripts", [True, False], ids=["keyboard", "no-scripts"])
def test_people_in_three_countries_do_the_main_job(
    chromium: Browser, world: Federation, tmp_path: Path, scripts: bool
) -> None:
    with ExitStack() as sitting:
        Screens(chromium, world, sitting, scripts).tell(tmp_path)
