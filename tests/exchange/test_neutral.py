"""A neutral witness on a real port: what it cosigns and refuses, and what it is worth to two nodes that ask it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, Conflict, Misconfigured
from comity.exchange import cli, service
from comity.exchange.api import serve_witness
from comity.exchange.model import CosignReport, QuorumStanding, Submission
from comity.exchange.rules import quorum_reached
from comity.exchange.service import Station
from comity.exchange.service.neutral import Neutral, found_witness, open_witness
from comity.exchange.service.posting import Post, post
from comity.exchange.store import neutral
from comity.exchange.store import witnesses as store
from comity.exchange.wire.policy import parse_policy
from comity.exchange.wire.witness import submission_body
from comity.kit.codec.notes import Checkpoint, VerifierKey, open_note, sign_note
from comity.kit.codec.zips import read_stored_zip
from comity.kit.crypto.signing import SigningKey
from comity.kit.database.unit import Database
from comity.kit.web.servers import Server
from comity.log import service as log
from comity.log.model import Choice
from tests.clock import FixedClock
from tests.exchange.authority import send, serving
from tests.exchange.federation import Federation, Node, federation, send_query
from tests.exchange.test_surrounding import Signed
from tests.exchange.test_witnessing import grow, size_of, submission
from tests.faces import Line
from tests.log.court import examined
from tests.people import enrol

NAME = "witness.invalid/w1"


@dataclass
class Scene:
    """XA and XB, and a witness in the middle that knows XA's log."""

    world: Federation
    witness: Neutral
    server: Server
    policy: Path
    clock: FixedClock

    @property
    def node(self) -> Node:
        return self.world.nodes["XA"]

    @property
    def station(self) -> Station:
        return replace(self.node.station, witness_policy=str(self.policy))

    @property
    def key(self) -> VerifierKey:
        with self.node.database.read("test") as unit:
            return log.verifier(unit)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def asking(self, url: str, quorum: str = "both") -> Station:
        """XA's station under a policy that names the witness at `url`."""
        self.policy.write_text(
            f"# ours\nwitness w1 {self.witness.verifier.format()} {url}\n"
            f"group some any w1\ngroup both all some XB\nquorum {quorum}\n"
        )
        return self.station

    def hand(self, made: Submission | bytes) -> tuple[int, bytes]:
        body = made if isinstance(made, bytes) else submission_body(made)
        return post(Post(f"{self.url}/add-checkpoint", body, "text/plain", 5.0))

    def standing(self) -> QuorumStanding:
        with self.node.database.read("test") as unit:
            found = service.quorum(unit, str(self.policy))
        assert found is not None
        return found


@pytest.fixture
def scene(make_database: Callable[[str], Database], clock: FixedClock, tmp_path: Path) -> Iterator[Scene]:
    found_witness(tmp_path / "witness", NAME)
    witness = open_witness(tmp_path / "witness", clock)
    with federation(make_database, listening=("XA", "XB")) as world:
        server = serve_witness(witness, "127.0.0.1", 0)
        try:
            made = Scene(world, witness, server, tmp_path / "policy", clock)
            witness.watch(made.key.format())
            made.asking(made.url)
            yield made
        finally:
            server.stop()


def by_name(said: list[CosignReport]) -> dict[str, CosignReport]:
    return {one.partner: one for one in said}


# --- two nodes and a neutral witness --------------------------------------------------------------------------------


def test_the_witness_is_asked_beside_the_partners_and_counts(scene: Scene, tmp_path: Path) -> None:
    assert {name: one.ok for name, one in by_name(service.gather(scene.station)).items()} == {"XB": True, "w1": True}
    assert by_name(service.gather(scene.station))["w1"].detail == "cosigned already"
    assert (scene.standing().covered, scene.standing().since) == (size_of(scene.node), None)
    with scene.node.database.read("test") as unit:
        (row,) = [row for row in store.cosigned(unit, 0) if row.witness == "w1"]
    opened = open_note(row.note, [scene.key, scene.witness.verifier])
    assert opened.times[NAME] == int(scene.clock().timestamp())
    data = exported(scene)
    (tmp_path / "expert").write_bytes(read_stored_zip(data)["policy"])
    code, told = examined(tmp_path / "court", data, "--policy", str(tmp_path / "expert"))
    assert (code, told["false"]) == (0, [])
    assert any("The quorum of your policy vouches for" in line for line in told["proven"])
    assert any(line.startswith("w1 cosigned the checkpoint over") for line in told["proven"])
    service.gather(scene.station)


def exported(scene: Scene) -> bytes:
    above = log.Upstairs(around=lambda unit, relied: service.surroundings(unit, relied, str(scene.policy)))
    database = scene.node.database
    with database.read("test") as unit:
        choice = Choice("why", entries=(str(log.head(unit).size - 1),))
        draft = log.gather(unit, choice, above)
    with database.unit("test.export") as unit:
        act = log.export(unit, Signed(), choice, draft)
    with database.read("test") as unit:
        return log.complete(unit, draft, act)


def test_a_witness_that_is_away_is_an_alarm_and_stops_nothing(scene: Scene) -> None:
    service.gather(scene.station)
    covered = size_of(scene.node)
    scene.server.stop()
    grow(scene.node)
    said = by_name(service.gather(scene.station))
    assert said["XB"].ok and not said["w1"].ok
    standing = scene.standing()
    assert (standing.covered, standing.since, standing.late) == (covered, scene.clock(), False)
    scene.clock.advance(16 * 60)
    assert scene.standing().late
    with scene.node.database.read("test") as unit:
        patient = service.quorum(unit, str(scene.policy), timedelta(hours=1))
    assert patient is not None and not patient.late
    send_query(scene.station, "XB")
    assert service.deliver_due(scene.station)
    scene.server = serve_witness(scene.witness, "127.0.0.1", 0)
    assert all(one.ok for one in service.gather(scene.asking(scene.url)))
    assert scene.standing().since is None


def test_a_witness_that_lies_is_not_believed(scene: Scene) -> None:
    liar = replace(scene.witness, key=SigningKey.generate())
    for name in ("its own key", "another name", "another text"):

        def answer(handler: BaseHTTPRequestHandler, body: bytes, name: str = name) -> None:
            line = liar.add_checkpoint(body).body
            if name == "another text":
                line = b"\xe2\x80\x94 witness.invalid/w1 AAAA\n"
            send(handler, 200, line.replace(b"w1", b"w2") if name == "another name" else line)

        with serving(answer) as url:
            said = by_name(service.gather(scene.asking(url.removesuffix("/tsr"))))
        assert not said["w1"].ok and "not cosigned" in said["w1"].detail, name
    with scene.node.database.read("test") as unit:
        assert "w1" not in store.cosigned_sizes(unit)


def test_a_node_that_forgot_what_was_cosigned_is_told_and_tries_again(scene: Scene) -> None:
    service.gather(scene.station)
    grow(scene.node)
    with scene.node.database.unit("test.forget") as unit:
        unit.connection.execute(store.cosignature.delete())
    assert all(one.ok for one in service.gather(scene.station))


def test_a_log_that_the_witness_was_not_told_of(scene: Scene) -> None:
    other = replace(scene.world.nodes["XB"].station, witness_policy=str(scene.policy))
    said = by_name(service.gather(other))
    assert not said["w1"].ok and "w1 answered 404" in said["w1"].detail


# --- the rules of a witness (C2SP tlog-witness) ---------------------------------------------------------------------


def test_answers_by_the_standard(scene: Scene) -> None:
    assert scene.hand(b"nonsense")[0] == 400
    first = submission(scene.node, 0)
    status, line = scene.hand(first)
    assert status == 200 and open_note(first.note + line.decode(), [scene.witness.verifier]).times
    assert scene.hand(replace(first, old=size_of(scene.node) + 5))[0] == 400
    assert scene.hand(first) == (409, f"{size_of(scene.node)}\n".encode())
    assert scene.hand(submission(scene.node, size_of(scene.node)))[0] == 200, "the same again, at a later time"
    text = first.note.partition("\n\n")[0] + "\n"
    assert scene.hand(replace(first, note=sign_note(text, scene.key.name, SigningKey.generate())))[0] == 403
    unknown = sign_note(Checkpoint("unknown.invalid", 1, bytes(32)).text(), "unknown.invalid", SigningKey.generate())
    assert scene.hand(Submission(0, (), unknown))[0] == 404


def test_a_forked_log_is_refused_and_kept_as_evidence(scene: Scene) -> None:
    scene.hand(submission(scene.node, 0))
    size, keys = size_of(scene.node), scene.node.database.keys
    for at, root, contradicted in ((size + 1, bytes(32), False), (size, bytes(range(32)), True)):
        fork = sign_note(Checkpoint(scene.key.name, at, root).text(), scene.key.name, keys.log)
        assert scene.hand(Submission(size, (), fork))[0] == 422
        (known,) = scene.witness.book.logs()
        assert (bool(known.contradicted), known.size) == (contradicted, size)
    grow(scene.node)
    assert scene.hand(submission(scene.node, size))[0] == 200, "the honest history goes on"


def test_of_two_histories_at_once_one_is_cosigned(scene: Scene) -> None:
    keys = scene.node.database.keys
    notes = [sign_note(Checkpoint(scene.key.name, 9, bytes([n]) * 32).text(), scene.key.name, keys.log) for n in (1, 2)]
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda n: (n % 2, scene.hand(Submission(0, (), notes[n % 2]))[0]), range(8)))
    assert [status for _, status in said].count(200) == 1
    assert {status for _, status in said} == {200, 409}


def test_what_was_cosigned_outlives_the_witness(scene: Scene) -> None:
    scene.hand(submission(scene.node, 0))
    again = open_witness(scene.witness.book.path.parent, scene.clock)
    assert again.verifier == scene.witness.verifier
    assert [one.size for one in again.book.logs()] == [size_of(scene.node)]


def test_a_folder_holds_one_witness(tmp_path: Path) -> None:
    found_witness(tmp_path / "w", NAME)
    with pytest.raises(Conflict):
        found_witness(tmp_path / "w", NAME)
    with pytest.raises(Misconfigured):
        open_witness(tmp_path / "other")
    with pytest.raises(BadInput):
        found_witness(tmp_path / "third", "two words")
    assert not (tmp_path / "third").exists()


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_and_its_process(scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = Line("witness", cli.witness_commands(lambda *_: None), capsys)
    folder = str(tmp_path / "second")
    key = line.ask("witness", "init", "witness.invalid/w2", "--dir", folder)["key"]
    assert "No logs yet" in line.run("witness", "list", "--dir", folder)[1]
    assert line.ask("witness", "add", scene.key.format(), "--dir", folder) == {"origin": scene.key.name}
    assert line.run("witness", "add", scene.key.format(), "--dir", folder)[0] == 4
    command = [sys.executable, "-m", "comity", "witness", "run", "--dir", folder, "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            told = next(each for each in process.stderr if "is ready" in each)
            url = told.split(": ")[1].split("/. ")[0]
            scene.policy.write_text(f"witness w2 {key} {url}\nquorum w2\n")
            assert by_name(service.gather(scene.station))["w2"].ok
        finally:
            process.terminate()
    assert process.returncode == 0
    found = json.loads(line.run("witness", "list", "--dir", folder, "--json")[1])
    assert (found["key"], found["logs"][0]["size"]) == (key, size_of(scene.node))
    assert scene.key.name in line.run("witness", "list", "--dir", folder)[1]


# --- the policy -----------------------------------------------------------------------------------------------------

W1 = VerifierKey("w.invalid/1", SigningKey.generate().public, cosigns=True).format()
W2 = VerifierKey("w.invalid/2", SigningKey.generate().public, cosigns=True).format()
AT = "https://w.invalid/"


def test_groups_within_groups() -> None:
    made = parse_policy(
        f"log whatever\nwitness w1 {W1} {AT}\nwitness w2 {W2} {AT}\n"
        "group outside 1 w1 w2 # any\ngroup inside any XB XC\ngroup both all outside inside\nquorum both\n"
    )
    assert [one.code for one in made.outsiders] == ["w1", "w2"]
    assert quorum_reached(made, {"w2", "XC"})
    assert not quorum_reached(made, {"w1", "w2"}) and not quorum_reached(made, {"XB", "XC"})
    assert quorum_reached(parse_policy("quorum none\n"), set())


@pytest.mark.parametrize(
    "text",
    [
        "", "quorum none\nquorum none\n", "quorum w1\n", f"witness w1 {W1}\nquorum w1\n",
        f"witness w1 {W1} ftp://w.invalid/\nquorum w1\n", f"witness W1 {W1} {AT}\nquorum W1\n",
        f"witness w1 {W1} {AT}\nwitness w2 {W1} {AT}\nquorum w1\n", f"witness w1 {W1[:-4]} {AT}\nquorum w1\n",
        f"witness w1 {W1} {AT}\nwitness w1 {W2} {AT}\nquorum w1\n", f"witness none {W1} {AT}\nquorum none\n",
        "group g 2 XA\nquorum g\n", "group g 0 XA\nquorum g\n", "group g any XA XA\nquorum g\n",
        "group g any h\nquorum g\n", "group g any XA\ngroup h any XA\nquorum h\n", "group XG any XA\nquorum XG\n",
        "group g many XA\nquorum g\n", "something\nquorum none\n",
        f"witness w1 {W1} https://me@w.invalid/\nquorum w1\n",
    ],
    ids=map(str, range(19)),  # the keys are fresh in each process
)  # fmt: skip
def test_what_is_no_policy(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        parse_policy(text)
    assert caught.value.code == "exchange.witness-policy"


@given(st.text() | st.from_regex(r"((witness|group|quorum|log)( [a-zA-Z0-9]{1,3}){0,4}\n){0,5}", fullmatch=True))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    try:
        made = parse_policy(text)
    except BadInput:
        return
    assert quorum_reached(made, {one.code for one in made.outsiders}) in (True, False)


def test_a_policy_that_is_missing_is_reported_and_stops_no_partner(scene: Scene) -> None:
    scene.policy.unlink()
    said = by_name(service.gather(scene.station))
    assert said["XB"].ok and not said["(policy)"].ok
    with scene.node.database.read("test") as unit, pytest.raises(Misconfigured):
        service.quorum(unit, str(scene.policy))
    with scene.node.database.read("test") as unit:
        assert service.quorum(unit, "") is None


# --- how far was our log? --------------------------------------------------------------------------------------------


def heard(station: Station) -> dict[str, tuple[int, bool]]:
    """By witness: how many entries it holds, and whether our log does not extend them."""
    return {one.witness: (one.size, bool(one.beyond)) for one in service.hear(station).holdings}


def test_a_neutral_witness_tells_how_far_the_log_was(scene: Scene) -> None:
    assert heard(scene.station)["w1"] == (0, False), "nothing was cosigned yet"
    service.gather(scene.station)
    size = size_of(scene.node)
    assert heard(scene.station) == {"XB": (size, False), "w1": (size, False)}
    grow(scene.node, 3)
    assert heard(scene.station)["w1"] == (size, False)


def test_a_neutral_witness_that_cosigned_more_is_told_and_seals_nobody(scene: Scene) -> None:
    """Its word is not signed: it stands in the incident, and alone it is no proof of a loss."""
    with scene.node.database.read("test") as unit:
        head, key = log.head(unit), unit.keys.log
    for more, root in ((20, bytes(32)), (0, bytes(range(32)))):
        with scene.witness.book.writing() as connection:
            note = sign_note(Checkpoint(head.origin, head.size + more, root).text(), head.origin, key)
            neutral.keep(connection, head.origin, (head.size + more, root), note, 1)
        hearing = service.hear(scene.station)
        (told,) = [one for one in hearing.holdings if one.witness == "w1"]
        assert told.beyond and (told.size, told.note) == (head.size + more, "") and hearing.beyond == ()
    assert all(report.ok for report in service.check_standing(scene.station))


@pytest.mark.parametrize("answer", [b"", b"nonsense", b"-1\n", b"7", b"\xff" * 2000])
def test_a_neutral_witness_that_answers_nonsense_is_not_heard(scene: Scene, answer: bytes) -> None:
    with serving(lambda handler, _: send(handler, 409, answer)) as url:
        hearing = service.hear(scene.asking(url))
    assert [code for code, _ in hearing.silent] == ["w1"]


def test_the_next_epoch_is_watched_under_its_own_key(scene: Scene) -> None:
    """The witness knows logs by their names: it is told of the new one, and begins at its beginning."""
    service.gather(scene.station)
    with scene.node.database.unit("test.people") as unit:
        people = enrol(unit, "operator-1", "operator"), enrol(unit, "approver-1", "approver")
    hearing = service.hear(scene.station)
    with scene.node.database.unit("test.epoch") as unit:
        service.begin_epoch(unit, people, service.Incident(2, "a test", True, hearing))
    said = by_name(service.gather(scene.station))["w1"]
    assert not said.ok and "404" in said.detail
    scene.witness.watch(scene.key.format())
    assert by_name(service.gather(scene.station))["w1"].ok
    assert heard(scene.station)["w1"] == (size_of(scene.node), False)
