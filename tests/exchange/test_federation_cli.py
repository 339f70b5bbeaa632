"""`comity federation` as an office and a newcomer meet it: founding, joining, publishing, revoking, another root."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.exchange import cli, service
from comity.exchange.service import Station
from comity.kit.crypto.keyring import KeyRing
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.exchange.federation import entry
from tests.faces import Line, desk_over

Rings = Callable[[str], KeyRing]


class Office:
    """An office's folder and one node beside it, by commands."""

    def __init__(self, line: Line, folder: Path) -> None:
        self.line, self.folder = line, folder
        self.dir = ("--dir", str(folder / "office"))

    def ask(self, act: str, *argv: str) -> dict[str, object]:
        told: dict[str, object] = self.line.ask("federation", act, *argv)
        return told

    def file(self, name: str) -> str:
        return str(self.folder / name)

    def invited(self, code: str = "XA") -> str:
        """The invitation's file; the root's fingerprint is kept as `root`."""
        told = self.ask("invite", code, "--out", self.file("invitation.json"), *self.dir)
        self.root = str(told["root"])
        return self.file("invitation.json")

    def join(self) -> str:
        self.ask("join", self.invited(), "--root-key", self.root, "--out", self.file("entry.json"))
        return self.file("entry.json")


@pytest.fixture
def office(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    desk = desk_over(database, tmp_path)
    app = cli.commands(lambda: desk, lambda: Station(database), lambda: entry(database.keys))
    made = Office(Line("federation", app, capsys), tmp_path)
    made.ask("create", "training", *made.dir)
    return made


def test_one_file_in_one_file_out(office: Office, database: Database, tmp_path: Path) -> None:
    assert office.ask("show", *office.dir)["members"] == []
    joined = office.join()
    published = office.ask("publish", joined, *office.dir)
    assert [m["code"] for m in published["members"]] == ["XA"]  # type: ignore[attr-defined]
    assert published["keys"] == {"XA": database.keys.membership().public.fingerprint}
    assert published["invited"] == []
    found = office.ask("mirror", "--from", office.file("office/FEDERATION.zip"))
    shown = office.ask("show")
    assert shown == {**found, "freshness": "fresh"} and found["root"] == office.root
    code, out, _ = office.line.run("federation", "show")
    assert code == 0 and "training, version 2" in out and "Agency of XA" in out and "fresh" in out
    with database.read("test") as unit:
        assert [e.type for e in log.entries(unit)] == ["federation.joined", "directory.imported"]
    assert (tmp_path / "office" / "keys").stat().st_mode & 0o777 == 0o700
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in (tmp_path / "office" / "keys").iterdir())


def test_what_a_newcomer_must_compare(office: Office) -> None:
    invitation = office.invited()
    assert office.line.fails("federation", "join", invitation) == (2, "exchange.root-needed")
    assert office.line.fails("federation", "join", invitation, "--root-key", "00" * 32) == (1, "exchange.root")
    assert office.line.fails("federation", "join") == (7, "exchange.no-federation")
    assert office.line.fails("federation", "show") == (7, "exchange.no-directory")
    assert office.line.fails("federation", "mirror", "--from", office.file("office")) == (2, "exchange.root-needed")
    other = office.invited("XB")
    told = office.line.fails("federation", "join", other, "--root-key", office.root)
    assert told == (4, "exchange.invitation-code")


def test_an_invitation_is_used_once(office: Office, keyring: Rings) -> None:
    """The file of somebody who was never invited, and the same invitation for another key."""
    joined = office.join()
    stranger = json.loads(Path(joined).read_text())
    office.ask("publish", joined, *office.dir)
    office.ask("publish", joined, *office.dir)
    stranger["invitation"] = ""
    Path(office.file("stranger.json")).write_text(json.dumps(stranger))
    assert office.line.fails("federation", "publish", office.file("stranger.json"), *office.dir)[0] in (1, 2)
    membership = Path(keyring("XA").tls_key).with_name("membership.pem")
    kept = membership.read_bytes()
    membership.unlink()
    try:
        office.ask("join", "--out", office.file("again.json"))
        told = office.line.fails("federation", "publish", office.file("again.json"), *office.dir)
        assert told == (4, "exchange.not-invited"), "a new membership key needs a new invitation"
    finally:
        membership.write_bytes(kept)


def test_revoking_and_lifting(office: Office) -> None:
    office.ask("publish", office.join(), *office.dir)
    office.ask("mirror", "--from", office.file("office"))
    for key in ("root", "targets"):
        Path(office.file(f"office/keys/{key}.pem")).rename(office.file(f"{key}.pem"))
    assert office.ask("revoke", "XA", *office.dir)["members"][0]["revoked"]  # type: ignore[index]
    assert office.line.fails("federation", "revoke", "XB", *office.dir) == (2, "exchange.unlisted")
    office.ask("mirror", "--from", office.file("office"))
    assert "revoked" in office.line.run("federation", "show")[1]
    assert not office.ask("revoke", "XA", "--lift", *office.dir)["members"][0]["revoked"]  # type: ignore[index]
    office.invited("XC")
    assert office.line.fails("federation", "rotate", "--add", "x", *office.dir) == (2, "shell.file")


def test_the_root_goes_from_hand_to_hand(office: Office) -> None:
    office.ask("publish", office.join(), *office.dir)
    office.ask("mirror", "--from", office.file("office"))
    first = office.root
    made = [office.ask("holder", office.file(f"{name}.pem")) for name in ("xb", "xc")]
    adds = [word for one in made for word in ("--add", str(one["public"]))]
    following = office.file("NEXT.json")
    told = office.ask("rotate", *adds, "--threshold", "3", "--out", following, *office.dir)
    assert (told["complete"], told["missing_old"], told["missing_new"]) == (False, 0, 2)
    assert office.line.fails("federation", "rotate", "--take", following, *office.dir)[0] == 1
    for name in ("xb", "xc"):
        office.ask("sign", following, "--key", office.file(f"{name}.pem"))
    taken = office.ask("rotate", "--take", following, *office.dir)
    assert taken["complete"] and taken["root"] != first
    assert office.ask("mirror", "--from", office.file("office"))["root"] == taken["root"]
    shown = office.ask("show", *office.dir)
    assert (shown["threshold"], len(shown["holders"])) == (3, 3)  # type: ignore[arg-type]
    code, out, _ = office.line.run("federation", "show", *office.dir)
    assert code == 0 and "3 of 3 holders sign" in out
    assert office.line.fails("federation", "holder", office.file("xb.pem")) == (4, "exchange.key-exists")
    assert office.line.fails("federation", "rotate", "--take", following, *office.dir) == (4, "exchange.directory-old")


def test_places_and_folders_that_are_none(office: Office, tmp_path: Path) -> None:
    assert office.line.fails("federation", "create", "again", *office.dir) == (4, "exchange.office-exists")
    assert office.line.fails("federation", "publish", "--dir", office.file("no")) == (7, "exchange.no-office")
    assert office.line.fails("federation", "invite", "../x", *office.dir)[0] == 2
    (tmp_path / "torn.json").write_bytes(b"{}")
    for act in (("publish", str(tmp_path / "torn.json"), *office.dir), ("join", str(tmp_path / "torn.json"))):
        assert office.line.fails("federation", *act) == (2, "exchange.file-kind")
    assert office.line.fails("federation", "mirror", "--from", str(tmp_path / "torn.json"), "--root-key", "00") == (
        2,
        "exchange.directory",
    )
    (tmp_path / "office" / "keys" / "targets.pem").chmod(0o644)
    assert office.line.fails("federation", "publish", *office.dir) == (7, "keys.open")


def test_looking_once(office: Office) -> None:
    office.ask("publish", office.join(), *office.dir)
    code, out, _ = office.line.run("federation", "mirror")
    assert code == 1 and "Nowhere to look yet" in out
    office.ask("mirror", "--from", office.file("office"))
    (looked,) = office.line.ask("federation", "mirror")
    assert (looked["ok"], looked["detail"]) == (True, "the same")
    assert service.Looked(**looked).version == 2


def test_people_are_told_what_to_do_next(office: Office) -> None:
    proposed = ("--threshold", "2", "--out", office.file("n.json"), *office.dir)
    for argv, words in (
        (("create", "another", "--dir", office.file("another")), "Next: comity federation invite"),
        (("invite", "XA", "--out", office.file("i.json"), *office.dir), "On the telephone"),
        (("holder", office.file("h.pem")), "offline"),
        (("rotate", "--add", office.file("h.pub"), *proposed), "lacks"),
        (("sign", office.file("n.json"), "--key", office.file("h.pem")), "2 signatures"),
        (("rotate", "--take", office.file("n.json"), *office.dir), "The root is now"),
        (("publish", *office.dir), "Hand out"),
    ):  # fmt: skip
        code, out, err = office.line.run("federation", *argv)
        assert code == 0 and words in out, (argv, out, err)


def test_another_federation_is_linked_and_unlinked(office: Office) -> None:
    office.ask("publish", office.join(), *office.dir)
    other = office.ask("create", "abroad", "--dir", office.file("abroad"))
    told = office.ask("link", office.file("abroad"), "--root-key", str(other["root"]), *office.dir)
    assert told["links"] == ["abroad"]
    code, out, _ = office.line.run("federation", "show", *office.dir)
    assert code == 0 and f"linked: abroad, by its root {other['root']}" in out
    office.ask("mirror", "--from", office.file("office"))
    assert office.ask("unlink", "abroad", *office.dir)["links"] == []
    assert list((office.folder / "office" / "federations").iterdir()) == []
    assert office.line.fails("federation", "unlink", "abroad", *office.dir) == (2, "exchange.link")


def test_the_offices_own_keys_are_renewed_by_a_root(office: Office) -> None:
    office.ask("publish", office.join(), *office.dir)
    office.ask("mirror", "--from", office.file("office"))
    keys = Path(office.file("office/keys"))
    before = {role: (keys / f"{role}.pem").read_bytes() for role in ("targets", "snapshot", "timestamp")}
    proposed = ("--renew", "targets", "--renew", "snapshot", "--renew", "timestamp", "--out", office.file("n.json"))
    assert office.ask("rotate", *proposed, *office.dir)["complete"]
    assert office.ask("rotate", *proposed, *office.dir)["complete"], "proposed again, it is the same keys"
    office.ask("publish", *office.dir)
    assert {role: (keys / f"{role}.pem").read_bytes() for role in before} == before, "not in use before it is taken up"
    office.ask("rotate", "--take", office.file("n.json"), *office.dir)
    assert all((keys / f"{role}.pem").read_bytes() != old for role, old in before.items())
    assert not list(keys.glob("*.next.pem"))
    office.ask("publish", *office.dir)
    assert office.ask("mirror", "--from", office.file("office"))["members"][0]["code"] == "XA"  # type: ignore[index]
    told = office.line.fails("federation", "rotate", "--renew", "root", *office.dir)
    assert told == (2, "exchange.office-role")
    for role, old in before.items():
        (keys / f"{role}.pem").write_bytes(old)
    assert office.line.fails("federation", "publish", *office.dir)[0] == 1, "the stolen keys sign nothing any more"
