"""The federation's repository: what an office makes is believed, and nothing that is changed, older or another's is."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tuf.api.metadata import Root, Targets

from comity.base.errors import BadInput, ComityError, Conflict, Misconfigured, NotFound, Tampered
from comity.exchange import rules, service
from comity.exchange.model import Freshness, Link, Terms, Verified
from comity.exchange.service.federation import joining, rooting
from comity.exchange.service.federation.founding import Charter, found
from comity.exchange.service.federation.linking import link_to, unlink
from comity.exchange.service.federation.metadata import read, sign, tuf_key, until
from comity.exchange.service.federation.office import OFFICE_KEYS, ROOT, Office
from comity.exchange.service.federation.roles import role_over
from comity.exchange.service.federation.verifying import verify
from comity.exchange.wire import directory as wire
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.signing import SigningKey, VerifyKey
from tests.clock import FixedClock
from tests.exchange.federation import entry

Rings = Callable[[str], KeyRing]
HOUR = timedelta(hours=1)


@pytest.fixture
def now(clock: FixedClock) -> datetime:
    return clock()


@pytest.fixture
def office(keyring: Rings, now: datetime) -> Office:
    """A federation with XA and XB, published once."""
    made = founded(now)
    for code in ("XA", "XB"):
        admit(made, keyring(code), now)
    made.refresh(now)
    return made


def founded(now: datetime, **changes: Any) -> Office:
    keys = {role: SigningKey.generate() for role in (ROOT, *OFFICE_KEYS)}
    return found(replace(Charter("training"), **changes), keys, now)


def admit(made: Office, keys: KeyRing, now: datetime, endpoint: str = "https://127.0.0.1:9") -> None:
    data = joining.entry_file(keys, entry(keys, endpoint), ("training", ""), now)
    joining.admit(made, joining.read_entry_file(data), now)


def believed(made: Office, now: datetime, before: dict[str, bytes] | None = None) -> Verified:
    return verify(made.files, None, now, before)


def refused(files: dict[str, bytes], now: datetime, before: dict[str, bytes] | None = None) -> str:
    """The code with which these files are refused."""
    with pytest.raises(ComityError) as caught:
        verify(files, None, now, before)
    return caught.value.code


# --- the office ----------------------------------------------------------------------------------------------------


def test_what_an_office_publishes_is_believed(office: Office, now: datetime) -> None:
    found = service.open_directory(office.bundle, office.fingerprint, now)
    assert (found.federation, found.version, sorted(found.members)) == ("training", 2, ["XA", "XB"])
    assert found.issued == now.replace(microsecond=0) and found.root == office.fingerprint


def test_a_refresh_is_the_same_edition_said_later(office: Office, now: datetime) -> None:
    before = dict(office.files)
    office.refresh(now + HOUR)
    changed = {name for name in office.files if office.files[name] != before[name]}
    assert changed == {"metadata/timestamp.json"}
    found = believed(office, now + HOUR, before)
    assert (found.version, found.issued - now.replace(microsecond=0)) == (2, HOUR)


def test_a_member_changes_its_own_entry_without_the_offline_keys(office: Office, keyring: Rings, now: datetime) -> None:
    online = Office(office.files, {role: office.keys[role] for role in ("snapshot", "timestamp")})
    later = now + HOUR
    admit(online, keyring("XB"), later, "https://127.0.0.1:7000")
    online.refresh(later)
    found = service.open_directory(online.bundle, office.fingerprint, later)
    assert (found.version, found.members["XB"].endpoint) == (3, "https://127.0.0.1:7000")
    with pytest.raises(Misconfigured, match="targets key"):
        admit(online, keyring("XC"), later)


def test_an_older_entry_is_not_taken_again(office: Office, keyring: Rings, now: datetime) -> None:
    with pytest.raises(Conflict) as caught:
        admit(office, keyring("XB"), now - HOUR)
    assert caught.value.code == "exchange.entry-old"


def test_revoking_needs_no_offline_key_and_can_be_lifted(office: Office, now: datetime) -> None:
    online = Office(office.files, {r: office.keys[r] for r in ("snapshot", "timestamp", "revocations")})
    online.revoke(["XB"], now)
    assert online.refresh(now).revoked == {"XB"}
    assert service.open_directory(online.bundle, None).members["XB"].revoked
    online.revoke([], now)
    assert online.refresh(now).revoked == set()
    with pytest.raises(NotFound):
        online.revoke(["XC"], now)


def test_a_member_whose_key_is_lost_is_delegated_anew(office: Office, keyring: Rings, now: datetime) -> None:
    fresh, keys = SigningKey.generate(), keyring("XB")
    data = canonical(entry(keys))
    office.delegate("XB", fresh.public, now)
    stale = joining.entry_file(keys, entry(keys), ("training", ""), now)
    with pytest.raises(BadInput) as caught:
        office.take("XB", joining.read_entry_file(stale).role, data)
    assert caught.value.code == "exchange.entry-signature"
    office.take("XB", sign(role_over("XB", data, int(now.timestamp() + 1) * 1000, until(now, 365)), [fresh]), data)
    assert office.refresh(now).entries.keys() == {"XA", "XB"}
    assert office.member_keys()["XB"] == fresh.public


def test_one_states_neglect_does_not_stop_the_others(office: Office, keyring: Rings, now: datetime) -> None:
    """XB has not signed its entry for more than a year; XA and the office have gone on."""
    later = now + timedelta(days=370)
    for name in ("targets", "revocations"):
        body = read(office.files[f"metadata/{name}.json"], Targets).signed
        body.version, body.expires = body.version + 1, until(later, 365)
        office.files[f"metadata/{name}.json"] = sign(body, [office.keys[name]])
    admit(office, keyring("XA"), later)
    assert office.refresh(later).entries.keys() == {"XA"}


# --- what is not believed ------------------------------------------------------------------------------------------


def test_rollback_freeze_and_mix_and_match_are_refused(office: Office, keyring: Rings, now: datetime) -> None:
    old = dict(office.files)
    admit(office, keyring("XB"), now + HOUR, "https://127.0.0.1:7000")
    office.refresh(now + HOUR)
    new = dict(office.files)
    assert refused(old, now, new) == "exchange.directory-old", "rollback"
    assert refused(new, now + timedelta(days=9)) == "exchange.directory-expired", "freeze"
    mixed = {
        **new,
        "metadata/XB.json": old["metadata/XB.json"],
        "targets/members/XB.json": old["targets/members/XB.json"],
    }
    assert refused(mixed, now) == "exchange.directory-parts", "mix and match"
    assert refused({**new, "metadata/snapshot.json": old["metadata/snapshot.json"]}, now) == "exchange.directory-parts"
    assert (
        refused({**new, "targets/members/XB.json": old["targets/members/XB.json"]}, now) == "exchange.directory-parts"
    )


def test_two_editions_under_one_number_are_refused(office: Office, now: datetime) -> None:
    before = dict(office.files)
    stamped = json.loads(before["metadata/timestamp.json"])
    twin = Office({k: v for k, v in before.items() if k != "metadata/timestamp.json"}, office.keys)
    for _ in range(stamped["signed"]["version"]):
        twin.refresh(now + HOUR)
    assert refused(twin.files, now, before) == "exchange.directory-old"


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "revocations", "XA"])
def test_a_part_under_another_key_is_refused(office: Office, now: datetime, role: str) -> None:
    """Its bytes are re-signed by a stranger, and everything above is made to fit where the stranger could."""
    told = json.loads(office.files[f"metadata/{role}.json"])
    for one in told["signatures"]:
        one["sig"] = "00" * 64
    assert refused({**office.files, f"metadata/{role}.json": json.dumps(told).encode()}, now) in {
        "exchange.directory-signature",
        "exchange.directory-parts",
    }


def test_a_root_without_its_threshold_is_refused(office: Office, now: datetime) -> None:
    other = SigningKey.generate()
    proposed = rooting.propose(office, rooting.Change((other.public,), (), 2), now)
    assert not rooting.standing(office, proposed).complete
    with pytest.raises(Tampered):
        rooting.install(office, proposed, now)
    files = {**office.files, "metadata/2.root.json": proposed}
    assert refused(files, now) == "exchange.directory-signature"
    assert refused({**files, "metadata/4.root.json": proposed}, now) == "exchange.directory", "a gap"


def test_a_state_cannot_sign_for_another(office: Office, keyring: Rings, now: datetime) -> None:
    """XB's key over XA's entry; XB's role over a second path; XB delegating on."""
    mine, theirs = canonical(entry(keyring("XB"))), canonical(entry(keyring("XA")))
    key = keyring("XB").membership()
    version = int(now.timestamp() + 5) * 1000
    with pytest.raises(BadInput):
        office.take("XA", sign(role_over("XA", theirs, version, until(now, 9)), [key]), theirs)
    two = role_over("XB", mine, version, until(now, 9))
    two.targets |= role_over("XA", theirs, version, until(now, 9)).targets
    with pytest.raises(BadInput):
        office.take("XB", sign(two, [key]), mine)
    office.files["metadata/XB.json"], office.files["targets/members/XA.json"] = sign(two, [key]), theirs
    with pytest.raises(BadInput) as caught:
        office.refresh(now)
    assert caught.value.code == "exchange.directory"


def test_an_entry_that_names_another_node_is_refused(office: Office, keyring: Rings, now: datetime) -> None:
    keys = keyring("XB")
    foreign = canonical(entry(keyring("XA")))
    office.take("XB", sign(role_over("XB", foreign, 2_000_000_000_000, until(now, 9)), [keys.membership()]), foreign)
    office.refresh(now)
    with pytest.raises(BadInput) as caught:
        service.open_directory(office.bundle, None)
    assert caught.value.code == "exchange.member"


SMALL = [bytes(32), bytes([1]) + bytes(31), bytes([0xEC]) + bytes([0xFF] * 30) + bytes([0x7F])]


@pytest.mark.parametrize("raw", SMALL)
def test_small_order_keys_are_refused_wherever_they_stand(office: Office, now: datetime, raw: bytes) -> None:
    key = tuf_key(SigningKey.generate().public)
    key.keyval["public"] = raw.hex()
    targets = read(office.files["metadata/targets.json"], Targets).signed
    assert targets.delegations is not None
    targets.delegations.keys[key.keyid] = key
    targets.version += 1
    office.files["metadata/targets.json"] = sign(targets, [office.keys["targets"]])
    with pytest.raises(BadInput) as caught:
        office.refresh(now)
    assert caught.value.code == "exchange.federation-key"
    root = read(office.root, Root).signed
    root.keys[key.keyid] = key
    assert refused({"metadata/1.root.json": sign(root, [office.keys[ROOT]])}, now) == "exchange.federation-key"


def test_what_is_too_large_is_refused(office: Office, now: datetime) -> None:
    big = office.files["metadata/targets.json"] + b" " * (1 << 20)
    assert refused({**office.files, "metadata/targets.json": big}, now) == "exchange.directory"
    with pytest.raises(BadInput) as caught:
        service.open_directory(wire.pack({**office.files, "metadata/x.json": bytes(wire.DIRECTORY_BYTES)}), None)
    assert caught.value.code == "exchange.directory"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_refused_and_never_a_fault(office: Office, now: datetime, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(office.files)))
    kind = data.draw(st.sampled_from(["gone", "junk", "cut", "flip"]))
    files, old = dict(office.files), office.files[name]
    if kind == "gone":
        del files[name]
    elif kind == "junk":
        files[name] = data.draw(st.binary(max_size=200)) or b"{}"
    elif kind == "cut":
        files[name] = old[: data.draw(st.integers(0, len(old) - 2))]
    else:
        at = data.draw(st.integers(0, len(old) - 2))
        files[name] = old[:at] + bytes([old[at] ^ 1 << data.draw(st.integers(0, 7))]) + old[at + 1 :]
    try:
        found = verify(files, None, now)
    except ComityError:
        return
    assert found == verify(office.files, None, now) or name == "metadata/1.root.json"
    assert json.loads(files[name]).keys() == {"signed", "signatures"}, "a signature's hex may be written in capitals"


# --- the root ------------------------------------------------------------------------------------------------------


def test_the_root_passes_to_a_threshold_of_holders_and_nodes_follow(office: Office, now: datetime) -> None:
    before, pin = dict(office.files), office.fingerprint
    holders = [SigningKey.generate() for _ in range(2)]
    change = rooting.Change(tuple(one.public for one in holders), (), 2)
    proposed = rooting.propose(office, change, now)
    assert rooting.standing(office, proposed).missing_new == 1
    proposed = rooting.countersign(proposed, holders[0])
    assert rooting.standing(office, proposed).complete
    rooting.install(office, proposed, now)
    assert rooting.holders(office.root)[1] == 2
    assert verify(office.files, pin, now, before).root == office.fingerprint != pin
    for pinned in (pin, office.fingerprint):
        assert verify(office.files, pinned, now).federation == "training", "any root of the chain leads to the newest"
    founder = office.keys[ROOT].public.fingerprint
    third = rooting.propose(office, rooting.Change((), (founder,)), now)
    third = rooting.countersign(rooting.countersign(third, holders[0]), holders[1])
    rooting.install(office, third, now)
    assert founder not in rooting.holders(office.root)[0]
    with pytest.raises(Conflict):
        rooting.standing(office, third)


def test_changes_of_the_root_that_cannot_be(office: Office, now: datetime) -> None:
    for change, code in (
        (rooting.Change((), ("00" * 32,)), "exchange.root-holder"), (rooting.Change((), (), 2), "exchange.threshold"),
        (rooting.Change((), (office.keys[ROOT].public.fingerprint,)), "exchange.threshold"),
    ):  # fmt: skip
        with pytest.raises(BadInput) as caught:
            rooting.propose(office, change, now)
        assert caught.value.code == code
    with pytest.raises(BadInput):
        founded(now, threshold=2)
    for name in (" ", "x" * 200, "a\nb"):
        with pytest.raises(BadInput):
            founded(now, federation=name)


# --- joining -------------------------------------------------------------------------------------------------------


def test_an_invitation_is_read_as_written_and_compared(office: Office, now: datetime) -> None:
    made = joining.Invitation("training", "XC", "0190163d-8694-739b-aea5-966c26f8ad90", office.root)
    found = joining.read_invitation(joining.invitation_file(made))
    assert found == made and found.fingerprint == office.fingerprint
    joining.check_invitation(found, "XC", office.fingerprint.upper())
    for me, root, code in (
        ("XB", office.fingerprint, "exchange.invitation-code"), ("XC", None, "exchange.root-needed"),
        ("XC", "00" * 32, "exchange.root"),
    ):  # fmt: skip
        with pytest.raises(ComityError) as caught:
            joining.check_invitation(found, me, root)
        assert caught.value.code == code


def changed(data: bytes, **changes: Any) -> bytes:
    return canonical({**json.loads(data), **changes})


def test_who_does_not_hold_the_keys_it_lists_is_refused(keyring: Rings, now: datetime) -> None:
    """XB hands in XA's public keys as its own, under its own membership key, or leaves a proof out."""
    data = joining.entry_file(keyring("XB"), entry(keyring("XB")), ("training", ""), now)
    assert joining.read_entry_file(data).member.code == "XB"
    proofs = json.loads(data)["proofs"]
    for name in proofs:
        with pytest.raises(BadInput) as caught:
            joining.read_entry_file(changed(data, proofs={**proofs, name: b64.encode(bytes(64))}))
        assert caught.value.code == "exchange.possession", name
    with pytest.raises(BadInput) as caught:
        joining.read_entry_file(changed(data, federation="another"))
    assert caught.value.code == "exchange.possession", "the proofs cover the whole file"
    with pytest.raises(BadInput):
        joining.read_entry_file(joining.entry_file(keyring("XB"), entry(keyring("XA")), ("training", ""), now))


def test_a_file_for_another_federation_is_refused(office: Office, keyring: Rings, now: datetime) -> None:
    data = joining.entry_file(keyring("XB"), entry(keyring("XB")), ("another", ""), now)
    with pytest.raises(Conflict) as caught:
        joining.admit(office, joining.read_entry_file(data), now)
    assert caught.value.code == "exchange.federation"


TEXTS = st.dictionaries(st.text(max_size=8), st.text(max_size=8))


@given(junk=st.binary(max_size=300) | TEXTS.map(lambda texts: canonical({**texts})))
def test_junk_is_no_file_of_a_federation(junk: bytes) -> None:
    readers: list[Callable[[bytes], object]] = [
        joining.read_invitation, joining.read_entry_file, lambda data: read(data, Root), wire.unpack,
    ]  # fmt: skip
    for reader in readers:
        with pytest.raises(BadInput):
            reader(junk)


# --- freshness -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "allowed", "told"),
    [
        (0.5, (True, True), "fresh"), (2, (True, True), "revocations late"),
        (25, (False, True), "refused: evidence, search"), (169, (False, False), "revocations and membership late"),
    ],
)  # fmt: skip
def test_what_an_old_directory_still_allows(
    office: Office, now: datetime, hours: float, allowed: tuple[bool, bool], told: str
) -> None:
    found, later = service.open_directory(office.bundle, None), now + timedelta(hours=hours)
    types = {"search.query": allowed[0], "evidence.request": allowed[0], "agreement.letter": allowed[1]}
    for type, passes in types.items():
        if passes:
            rules.check_fresh(found, type, later)
        else:
            with pytest.raises(Conflict) as caught:
                rules.check_fresh(found, type, later)
            assert caught.value.code == "exchange.directory-stale"
    for type in ("search.withdrawal", "search.correction", "evidence.countersigned", "refusal"):
        rules.check_fresh(found, type, later)
    assert told in rules.freshness_told(found, later)


def test_a_federation_sets_its_own_spans(now: datetime) -> None:
    spans = Freshness(HOUR, 2 * HOUR, HOUR, 3 * HOUR)
    made = founded(now, freshness=spans)
    assert believed(made, now).freshness == spans
    assert refused(made.files, now + 4 * HOUR) == "exchange.directory-expired"


def test_keys_are_named_by_their_fingerprint(office: Office) -> None:
    told = json.loads(office.root)["signed"]["keys"]
    assert all(
        VerifyKey.from_raw(bytes.fromhex(one["keyval"]["public"])).fingerprint == name for name, one in told.items()
    )


# --- federations of federations ------------------------------------------------------------------------------------


@pytest.fixture
def abroad(keyring: Rings, now: datetime) -> Office:
    """Another federation, with XC and XD."""
    made = founded(now, federation="abroad")
    for code in ("XC", "XD"):
        keys = keyring(code)
        data = joining.entry_file(keys, entry(keys), ("abroad", ""), now)
        joining.admit(made, joining.read_entry_file(data), now)
    made.refresh(now)
    return made


def link_of(other: Office, **changes: Any) -> Link:
    return replace(Link(other.federation, other.fingerprint), **changes)


def listed(made: Office, now: datetime) -> dict[str, str]:
    """Every member that a node lists, with the federation through which it is known."""
    found = service.open_directory(made.bundle, made.fingerprint, now)
    return {code: one.federation for code, one in found.members.items()}


def test_another_federations_members_are_known_through_its_root(office: Office, abroad: Office, now: datetime) -> None:
    before = dict(office.files)
    link_to(office, link_of(abroad), abroad.bundle, now)
    office.refresh(now)
    assert listed(office, now) == {"XA": "", "XB": "", "XC": "abroad", "XD": "abroad"}
    assert verify(office.files, None, now, before).version == 3
    abroad.revoke(["XD"], now)
    abroad.refresh(now)
    link_to(office, link_of(abroad), abroad.bundle, now)
    found = service.open_directory(office.bundle, None, now).members
    assert (found["XD"].revoked, found["XC"].revoked) == (True, False), "its own office revokes"
    unlink(office, "abroad", now)
    office.refresh(now)
    assert listed(office, now) == {"XA": "", "XB": ""}
    with pytest.raises(NotFound):
        unlink(office, "abroad", now)


def test_a_newer_bundle_of_a_linked_federation_needs_no_offline_key(
    office: Office, abroad: Office, now: datetime
) -> None:
    link_to(office, link_of(abroad), abroad.bundle, now)
    office.refresh(now)
    online = Office(office.files, {role: office.keys[role] for role in ("snapshot", "timestamp")})
    abroad.refresh(now + HOUR)
    link_to(online, link_of(abroad), abroad.bundle, now + HOUR)
    online.refresh(now + HOUR)
    assert listed(online, now + HOUR)["XC"] == "abroad"
    with pytest.raises(Misconfigured):
        link_to(online, link_of(abroad, codes=("XC",)), abroad.bundle, now)


def test_a_link_can_be_narrowed_and_never_takes_a_code_of_ours(
    office: Office, abroad: Office, keyring: Rings, now: datetime
) -> None:
    keys = keyring("XB")
    claimed = joining.read_entry_file(joining.entry_file(keys, entry(keys), ("abroad", ""), now))
    joining.admit(abroad, claimed, now)
    abroad.revoke(["XB"], now)
    abroad.refresh(now)
    link_to(office, link_of(abroad, codes=("XB", "XD")), abroad.bundle, now)
    office.refresh(now)
    assert listed(office, now) == {"XA": "", "XB": "", "XD": "abroad"}
    assert not service.open_directory(office.bundle, None).members["XB"].revoked, "nor revokes one of ours"


def test_a_silent_or_damaged_federation_leaves_only_its_own_members_out(
    office: Office, abroad: Office, now: datetime
) -> None:
    link_to(office, link_of(abroad), abroad.bundle, now)
    name = wire.link_file(abroad.fingerprint)
    office.refresh(now + timedelta(hours=25))
    assert listed(office, now + timedelta(hours=25)) == {"XA": "", "XB": ""}
    for bad in (b"", b"PK", founded(now, federation="abroad").bundle):
        assert verify({**office.files, name: bad}, None, now).entries.keys() == {"XA", "XB"}
    assert "XC" not in verify({k: v for k, v in office.files.items() if k != name}, None, now).entries


def test_an_older_bundle_of_a_linked_federation_is_a_rollback(office: Office, abroad: Office, now: datetime) -> None:
    old = abroad.bundle
    abroad.revoke(["XD"], now)
    abroad.refresh(now)
    link_to(office, link_of(abroad), abroad.bundle, now)
    office.refresh(now)
    before = dict(office.files)
    office.refresh(now + HOUR)
    back = {**office.files, wire.link_file(abroad.fingerprint): old}
    assert refused(back, now + HOUR, before) == "exchange.directory-old"


def test_links_are_followed_so_deep_and_no_deeper(
    office: Office, abroad: Office, keyring: Rings, now: datetime
) -> None:
    """far <- abroad <- ours: at depth 0 we know abroad's own members, at depth 1 far's too; a circle ends."""
    far = founded(now, federation="far")
    keys = keyring("XE")
    joining.admit(far, joining.read_entry_file(joining.entry_file(keys, entry(keys), ("far", ""), now)), now)
    far.refresh(now)
    link_to(abroad, link_of(far), far.bundle, now)
    abroad.refresh(now)
    for depth, codes in ((0, {"XC", "XD"}), (1, {"XC", "XD", "XE"})):
        link_to(office, link_of(abroad, depth=depth), abroad.bundle, now)
        office.refresh(now)
        assert set(listed(office, now)) == {"XA", "XB"} | codes
    assert listed(office, now)["XE"] == "far"
    sizes = []
    for _ in range(3):
        link_to(abroad, link_of(office, depth=1), office.bundle, now)
        abroad.refresh(now)
        link_to(office, link_of(abroad, depth=1), abroad.bundle, now)
        office.refresh(now)
        sizes.append(len(office.bundle))
    assert sizes[2] - sizes[1] < 100, "two that link each other do not grow"
    assert set(listed(office, now)) == {"XA", "XB", "XC", "XD", "XE"}
    deep = wire.terms_dict(Terms("training", Freshness(), (Link("x", "0" * 64, 3),)))
    with pytest.raises(BadInput):
        wire.parse_terms(deep)


def test_two_federations_that_claim_one_code_get_it_neither(
    office: Office, abroad: Office, keyring: Rings, now: datetime
) -> None:
    other = founded(now, federation="other")
    keys = keyring("XC")
    joining.admit(other, joining.read_entry_file(joining.entry_file(keys, entry(keys), ("other", ""), now)), now)
    other.refresh(now)
    for one in (abroad, other):
        link_to(office, link_of(one), one.bundle, now)
    office.refresh(now)
    assert listed(office, now) == {"XA": "", "XB": "", "XD": "abroad"}


def test_what_cannot_be_linked(office: Office, abroad: Office, now: datetime) -> None:
    with pytest.raises(Conflict):
        link_to(office, link_of(office), office.bundle, now)
    with pytest.raises(Conflict):
        link_to(office, link_of(abroad, federation="elsewhere"), abroad.bundle, now)
    with pytest.raises(Tampered):
        link_to(office, link_of(abroad, root="0" * 64), abroad.bundle, now)


def test_the_office_renews_its_own_roles_before_they_end(office: Office, now: datetime) -> None:
    later = now + timedelta(days=300)
    office.refresh(later)
    assert believed(office, later).expires == until(later, 365)
