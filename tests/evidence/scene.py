"""A small package made by hand, for tests of the formats: Brevania (XB) releases one exhibit to Arvenia (XA)."""

from dataclasses import dataclass, replace

from comity.evidence import rules
from comity.evidence.model.package import (
    Acquisition,
    AgencyKey,
    Authorisation,
    CustodyEvent,
    Digest,
    EvidenceItem,
    Link,
    Manifest,
    Receipt,
    Trust,
)
from comity.evidence.wire import custody, package, receipt
from comity.kit.codec import jcs
from comity.kit.crypto.signing import SigningKey
from comity.kit.crypto.symmetric import sha256

KEY_A = SigningKey.generate()
KEY_B = SigningKey.generate()
STRANGER = SigningKey.generate()
TRUST = Trust(
    federation="training", version=1, root="ab" * 32, pinned=True, expires="2027-01-01T00:00:00.000Z",
    keys=(AgencyKey("XA", KEY_A.public.raw), AgencyKey("XB", KEY_B.public.raw)),
)  # fmt: skip
RELEASED = "2026-03-02T10:00:00.000Z"
CONTENT = b"laboratory report, page one\n"
ITEM = "019cad00-0000-7000-8000-000000000001"
RELEASE = "019cad00-0000-7000-8000-00000000000f"
AUTH = "cd" * 32


def event(type: str, *, agency: str = "XB", **more: str) -> CustodyEvent:
    """A draft of a custody event; `rules.next_event` links it."""
    fields = {
        "prev": "", "item": ITEM, "type": type, "person": "custodian-1", "agency": agency, "to": "",
        "claimed": "2026-03-02T09:00:00.000Z", "recorded": "2026-03-02T09:30:00.000Z",
        "purpose": "criminal_investigation",
        "authorisation": "", "before": "", "after": sha256(CONTENT).hex(), "auth": AUTH, "key": "",
    }  # fmt: skip
    return CustodyEvent(seq=0, **(fields | more))


def chained(*steps: tuple[CustodyEvent, SigningKey]) -> tuple[Link, ...]:
    """A chain of the drafts, each linked and signed."""
    links: tuple[Link, ...] = ()
    for draft, key in steps:
        links = (*links, custody.sign(rules.next_event(links, draft), key))
    return links


def item(content: bytes = CONTENT) -> EvidenceItem:
    digest = Digest(sha256(content).hex(), len(content))
    return EvidenceItem(
        id=ITEM, case="", exhibit="B-1", root_exhibit="", kind="laboratory_report", container_kind="raw",
        container=digest, media=digest, source="laboratory file, desk 4", time_zone_basis="UTC", sensitivity="normal",
        acquisition=Acquisition(method="export", operator="custodian-1"),
    )  # fmt: skip


def authorisation() -> Authorisation:
    return Authorisation(
        release=RELEASE, request="", about="", releasing="XB", recipient="XA", items=(ITEM,),
        purpose="criminal_investigation", use="information_only", handling={"code": "H1"},
        expires="2026-04-01T00:00:00.000Z",
        decision={"id": "d", "outcome": "allow", "measure": "evidence_information", "instrument": "TRAIN-MOU",
                  "article": "9", "rules_hash": "00" * 32},
        approvals=(
            {"slot": "offer", "unit": "exhibits", "act_hash": "11" * 32, "auth_hash": "22" * 32},
            {"slot": "release", "unit": "contact-point", "act_hash": "33" * 32, "auth_hash": "44" * 32},
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """What goes into the package, so that a test may change one thing and build it again."""

    item: EvidenceItem
    authorisation: Authorisation
    chain: tuple[Link, ...]
    content: bytes = CONTENT
    key: SigningKey = KEY_B

    @property
    def manifest(self) -> Manifest:
        digest = sha256(jcs.canonical(self.authorisation.as_dict())).hex()
        return Manifest(
            release=RELEASE, releasing="XB", recipient="XA", released=RELEASED, use="information_only",
            key=self.key.public.fingerprint, items=(self.item,), heads=(rules.head_of(self.chain),),
            seal=rules.seal([self.item.container.sha256]), authorisation=digest, files={},
        )  # fmt: skip

    def contents(self) -> package.Contents:
        return package.Contents(
            manifest=self.manifest, authorisation=self.authorisation, chains={self.item.id: self.chain},
            keys={"XB": (self.key.public.raw,)}, objects={self.item.container.sha256: self.content},
        )  # fmt: skip

    def build(self) -> bytes:
        return package.build(self.contents(), self.key)


def scene(key: SigningKey = KEY_B) -> Scene:
    granted = authorisation()
    digest = sha256(jcs.canonical(granted.as_dict())).hex()
    chain = chained(
        (event("collected"), key),
        (event("sealed"), key),
        (event("offered", to="XA", authorisation=digest, recorded=RELEASED), key),
    )
    return Scene(item(), granted, chain, key=key)


def answer(made: Scene, outcome: str = "accepted", key: SigningKey = KEY_A) -> Receipt:
    """The receiver's receipt for the package of `made`."""
    offer = made.chain[-1].event
    draft = event(outcome, agency="XA", authorisation=offer.authorisation, recorded="2026-03-02T11:00:00.000Z")
    link = custody.sign(rules.next_event(made.chain, draft), key)
    return Receipt(
        release=RELEASE, package=sha256(made.build()).hex(), sender="XB", receiver="XA",
        outcome="accepted" if outcome == "accepted" else "refused", reason="", at="2026-03-02T11:00:00.000Z",
        rehash=True, objects=(made.item.container,), custody=made.manifest.heads, events=(link,), auth=AUTH,
    )  # fmt: skip


def signed_answer(made: Scene, key: SigningKey = KEY_A) -> bytes:
    return receipt.sign_receipt(answer(made, key=key), key)


def with_object(made: Scene, content: bytes) -> Scene:
    """The scene with other bytes under the listed digest."""
    return replace(made, content=content)
