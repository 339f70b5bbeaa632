"""Keys in a real token: they sign and wrap there, come back with it, and a wrong PIN is tried once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.clock import system_clock
from comity.base.errors import BadInput, ComityError, Misconfigured, NotAllowed, Tampered, Unavailable
from comity.base.model import DataKey
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.signing import SigningKey
from comity.kit.crypto.tokenkeys import Reference, TokenSigner, make_cipher, make_signing, signer
from comity.kit.crypto.tokens import Place, Token
from tests.softhsm import PIN, SoftHsm, SoftToken

pytestmark = pytest.mark.softhsm
KEY = DataKey("case:1", b"k" * 32)


def code_of(deed: Callable[[], object], kind: type[ComityError]) -> str:
    with pytest.raises(kind) as caught:
        deed()
    return caught.value.code


@pytest.fixture
def ring(token: SoftToken, tmp_path: Path) -> KeyRing:
    """A node's keys, those that can be in the token."""
    return KeyRing.create(tmp_path / "keys", "XA", system_clock, token.opened())


def test_no_secret_of_the_token_is_in_the_folder(ring: KeyRing, token: SoftToken) -> None:
    assert isinstance(ring.signing, TokenSigner) and isinstance(ring.log, TokenSigner)
    assert {path.name for path in ring.folder.glob("kek*")} == {"kek.sealed"}
    for name in ("signing.pem", "log.pem"):
        text = (ring.folder / name).read_bytes()
        assert b"PRIVATE KEY" not in text and Reference.from_pem(text) is not None
    assert all(ring.kek.secret.hex().encode() not in path.read_bytes() for path in ring.folder.iterdir())
    assert PIN not in repr(ring)
    assert token.objects() == 5, "two pairs and a secret key"
    assert KeyRing.load(ring.folder, "XA", token.opened()) == ring


def test_signatures_of_the_token_verify(ring: KeyRing) -> None:
    assert ring.signing.public != ring.log.public
    for key in (ring.signing, ring.log):
        made = key.sign(b"said")
        assert key.public.verify(made, b"said") and not key.public.verify(made, b"denied")
        assert key.sign(b"said") == made, "Ed25519 is deterministic"


def test_many_threads_sign_and_wrap_at_once(ring: KeyRing) -> None:
    def work(number: int) -> bool:
        data = str(number).encode()
        wrapped = ring.wrap(KEY)
        return ring.signing.public.verify(ring.signing.sign(data), data) and ring.unwrap(KEY.id, wrapped) == KEY

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(80)))


def test_a_wrapped_key_opens_only_in_its_place(ring: KeyRing) -> None:
    wrapped = ring.wrap(KEY)
    assert KEY.secret not in wrapped and ring.unwrap(KEY.id, wrapped) == KEY
    broken = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    for id, blob in (("case:2", wrapped), (KEY.id, broken), (KEY.id, wrapped[:20])):
        assert code_of(lambda id=id, blob=blob: ring.unwrap(id, blob), Tampered) == "keys.token-open"  # type: ignore[misc]
    assert ring.unwrap(KEY.id, wrapped) == KEY


def test_a_token_that_was_away_is_found_again(ring: KeyRing, token: SoftToken) -> None:
    wrapped = ring.wrap(KEY)
    with token.away():
        assert code_of(lambda: ring.signing.sign(b"said"), Unavailable) == "keys.token"
        assert code_of(lambda: ring.unwrap(KEY.id, wrapped), Unavailable) == "keys.token"
        assert code_of(lambda: KeyRing.load(ring.folder, "XA", token.opened()), Unavailable) == "keys.token"
    assert ring.signing.public.verify(ring.signing.sign(b"said"), b"said")
    assert ring.unwrap(KEY.id, wrapped) == KEY


def test_two_tokens_do_not_disturb_each_other(ring: KeyRing, softhsm: SoftHsm, tmp_path: Path) -> None:
    other = softhsm.make()
    second = KeyRing.create(tmp_path / "other", "XB", system_clock, other.opened())
    with other.away():
        assert code_of(lambda: second.signing.sign(b"x"), Unavailable) == "keys.token"
        assert ring.signing.public.verify(ring.signing.sign(b"x"), b"x")
    assert second.signing.public.verify(second.signing.sign(b"x"), b"x")


def test_a_refused_pin_is_tried_once(token: SoftToken) -> None:
    asked: list[str] = []

    def ask(label: str) -> str:
        asked.append(label)
        return "wrong-pin"

    wrong = Token(token.place, ask)
    for _ in range(3):
        assert code_of(lambda: make_signing(wrong, "x"), NotAllowed) == "keys.token-pin"
    assert asked == [token.place.label]
    right = token.opened()
    assert make_signing(right, "x").public
    right.close()
    assert code_of(lambda: make_signing(wrong, "x"), NotAllowed) == "keys.token-pin", "not again, whatever happened"


def test_nothing_is_asked_before_a_key_is_used(tmp_path: Path) -> None:
    def never(_: str) -> str:
        raise AssertionError("asked")

    KeyRing.create(tmp_path / "keys", "XA", system_clock)
    token = Token(Place("/nowhere.so", "nothing"), never)
    assert KeyRing.load(tmp_path / "keys", "XA", token).token is token
    assert code_of(lambda: Token(token.place, lambda _: PIN).use(lambda _: None), Unavailable) == "keys.token"


def test_keys_that_the_token_lacks_or_has_changed_are_noticed(ring: KeyRing, token: SoftToken) -> None:
    opened = token.opened()
    first, second = (make_signing(opened, "x") for _ in range(2))
    swapped = Reference(first.id, second.public)
    assert code_of(lambda: signer(opened, swapped), Tampered) == "keys.token-test"
    opened.destroy(first.id)
    assert code_of(lambda: signer(opened, first), Misconfigured) == "keys.token-key"
    assert code_of(lambda: KeyRing.load(ring.folder, "XA"), Misconfigured) == "keys.token-unnamed"
    alone = replace(ring, kek=replace(ring.kek, cipher=None))
    wrapped = ring.wrap(KEY)
    assert code_of(lambda: alone.unwrap(KEY.id, wrapped), Misconfigured) == "keys.token-unnamed"


def test_what_was_made_for_nothing_is_destroyed(token: SoftToken) -> None:
    opened = token.opened()
    make_signing(opened, "x")
    make_cipher(opened, "y")
    assert token.objects() == 3
    opened.destroy_made()
    assert token.objects() == 0


def test_a_signing_key_is_replaced_within_the_token(ring: KeyRing, token: SoftToken) -> None:
    old = ring.signing.public
    raw = ring.renew_key("signing")
    assert (ring.renew_key("signing"), token.objects()) == (raw, 7), "one that is there already stays"
    ring.slot("signing").switch()
    switched = ring.reloaded()
    assert (switched.signing.public.raw, switched.further_signing) == (raw, (old.raw,))
    switched.destroy_past("signing")
    assert (switched.reloaded().further_signing, token.objects()) == ((), 5)
    assert switched.signing.public.verify(switched.signing.sign(b"x"), b"x")


def test_the_kek_moves_into_the_token(token: SoftToken, tmp_path: Path) -> None:
    made = KeyRing.create(tmp_path / "keys", "XA", system_clock)
    before, named = made.wrap(KEY), replace(made, token=token.opened())
    moved = named.seal_kek()
    assert moved.kek.secret == made.kek.secret and moved.kek.is_open, "until it is destroyed"
    assert moved.seal_kek() == moved, "done again, it goes on"
    after = moved.wrap(KEY)
    assert moved.unwrap(KEY.id, before) == moved.unwrap(KEY.id, after) == KEY
    moved.kek.destroy_open(moved.token)
    assert not moved.kek.is_open
    loaded = KeyRing.load(moved.folder, "XA", token.opened())
    assert loaded.unwrap(KEY.id, after) == KEY and loaded.data_key("x") == made.data_key("x")
    assert code_of(lambda: KeyRing.load(moved.folder, "XA"), Misconfigured) == "keys.token-unnamed"


def test_an_open_kek_that_is_another_is_not_destroyed(token: SoftToken, tmp_path: Path) -> None:
    named = replace(KeyRing.create(tmp_path / "keys", "XA", system_clock), token=token.opened())
    moved = named.seal_kek()
    (moved.folder / "kek.hex").write_text("00" * 32)
    assert code_of(lambda: moved.kek.destroy_open(moved.token), Tampered) == "keys.kek-differs"
    assert moved.kek.is_open


@given(st.binary(max_size=120))
def test_only_whole_references_are_read(data: bytes) -> None:
    assert Reference.from_pem(b"x" + data) is None
    armoured = b"-----BEGIN COMITY TOKEN KEY-----\n" + data + b"\n-----END COMITY TOKEN KEY-----\n"
    with pytest.raises(BadInput):
        Reference.from_pem(armoured)
    public = SigningKey.generate().public
    known = Reference(b"i" * 16, public)
    assert Reference.from_pem(known.to_pem()) == known
