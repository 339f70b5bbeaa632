"""``meta/manifest.json`` and ``meta/authorisation.json``: canonical JSON (RFC 8785), read strictly.

The manifest lists every file of the package that is not computed from the others, with SHA-256 and size; its DSSE
signature therefore covers them all.
"""

from typing import Final

from comity.base.model import Json, JsonObject
from comity.evidence.model.package import (
    CONTAINER_KINDS,
    SENSITIVITIES,
    USES,
    Acquisition,
    Authorisation,
    Digest,
    EvidenceItem,
    Head,
    Manifest,
    Seal,
)
from comity.evidence.wire.fields import Fields, digest, refused
from comity.kit.codec import jcs

TYPE: Final = "comity.evidence-package"


def write_manifest(manifest: Manifest) -> bytes:
    """The manifest's canonical bytes."""
    items: list[Json] = [item.as_dict() for item in manifest.items]
    heads: list[Json] = [head.as_dict() for head in manifest.heads]
    files: JsonObject = {name: entry.as_dict() for name, entry in manifest.files.items()}
    return jcs.canonical({
        "v": 1, "type": TYPE, "release": manifest.release, "releasing": manifest.releasing,
        "recipient": manifest.recipient, "released": manifest.released, "use": manifest.use, "key": manifest.key,
        "items": items, "custody": heads, "seal": {"root": manifest.seal.root, "count": manifest.seal.count},
        "authorisation": manifest.authorisation, "files": files, "timestamped": manifest.timestamped,
    })  # fmt: skip


def read_manifest(data: bytes, where: str) -> Manifest:
    """The manifest in `data`; BadInput when it is not canonical or has other fields than this version's."""
    fields = Fields(_canonical(data, where), where)
    fields.version()
    fields.one_of("type", (TYPE,))
    seal = fields.inner("seal")
    manifest = Manifest(
        release=fields.id("release"),
        releasing=fields.agency("releasing"),
        recipient=fields.agency("recipient"),
        released=fields.text("released"),
        use=fields.one_of("use", USES),
        key=fields.hash("key"),
        items=tuple(read_item(item, where) for item in fields.array("items")),
        heads=tuple(read_head(head, where) for head in fields.array("custody")),
        seal=Seal(seal.hash("root"), seal.size("count")),
        authorisation=fields.hash("authorisation"),
        files={name: digest(entry, f"{where}: {name}") for name, entry in fields.object("files").items()},
        timestamped=fields.flag("timestamped"),
    )
    seal.end()
    fields.end()
    _require_items(manifest, where)
    return manifest


def _require_items(manifest: Manifest, where: str) -> None:
    ids = [item.id for item in manifest.items]
    if not ids or ids != sorted(set(ids)):
        raise refused("the items are none, doubled, or not in the order of their ids", where)
    if [head.item for head in manifest.heads] != ids:
        raise refused("it does not name one custody head for each item", where)


def _canonical(data: bytes, where: str) -> Json:
    value = jcs.parse(data, where=where)
    if jcs.canonical(value) != data:
        raise refused("the file is not canonical JSON", where)
    return value


def read_head(value: Json, where: str) -> Head:
    """A custody head `{item, seq, hash}`."""
    fields = Fields(value, f"{where}: custody")
    head = Head(fields.id("item"), fields.size("seq"), fields.hash("hash"))
    fields.end()
    return head


def read_item(value: Json, where: str) -> EvidenceItem:
    """An item as packages carry it; its case is the receiver's to name."""
    fields = Fields(value, f"{where}: item")
    media = fields.take("media")
    item = EvidenceItem(
        id=fields.id("id"),
        case="",
        exhibit=fields.label("exhibit"),
        root_exhibit=fields.label("root_exhibit"),
        kind=fields.label("kind"),
        container_kind=fields.one_of("container_kind", CONTAINER_KINDS),
        container=digest(fields.take("container"), fields.where),
        media=None if media is None else digest(media, fields.where),
        source=fields.text("source"),
        time_zone_basis=fields.text("time_zone_basis"),
        sensitivity=fields.one_of("sensitivity", SENSITIVITIES),
        acquisition=read_acquisition(fields.take("acquisition"), fields.where),
    )
    fields.end()
    return item


def read_acquisition(value: Json, where: str) -> Acquisition:
    """An acquisition record."""
    fields = Fields(value, f"{where}: acquisition")
    acquisition = Acquisition(
        method=fields.text("method"), operator=fields.text("operator"), tool=fields.text("tool"),
        version=fields.text("version"), configuration_sha256=fields.hash("configuration_sha256", empty=True),
        device_serial=fields.text("device_serial"), start=fields.text("start"), end=fields.text("end"),
        clock_offset_ms=fields.integer("clock_offset_ms"), reference_clock=fields.text("reference_clock"),
        bad_ranges=tuple(_range(pair, fields.where) for pair in fields.array("bad_ranges")),
        legal_basis=fields.text("legal_basis"),
    )  # fmt: skip
    fields.end()
    return acquisition


def _range(value: Json, where: str) -> tuple[int, int]:
    match value:
        case [int(first), int(length)] if first >= 0 and length > 0:
            return first, length
    raise refused("a bad range is not [first byte, length]", where)


def write_authorisation(authorisation: Authorisation) -> bytes:
    """The authorisation's canonical bytes."""
    return jcs.canonical(authorisation.as_dict())


def read_authorisation(data: bytes, where: str) -> Authorisation:
    """The authorisation in `data`; BadInput when it is not canonical or has other fields."""
    fields = Fields(_canonical(data, where), where)
    fields.version()
    authorisation = Authorisation(
        release=fields.id("release"),
        request=fields.id("request", empty=True),
        about=fields.id("about", empty=True),
        releasing=fields.agency("releasing"),
        recipient=fields.agency("recipient"),
        items=fields.texts("items"),
        purpose=fields.text("purpose"),
        use=fields.one_of("use", USES),
        handling=fields.object("handling"),
        expires=fields.text("expires"),
        decision=fields.object("decision"),
        approvals=tuple(_approval(entry, where) for entry in fields.array("approvals")),
    )
    fields.end()
    return authorisation


def _approval(value: Json, where: str) -> JsonObject:
    fields = Fields(value, f"{where}: approval")
    approval: JsonObject = {
        "slot": fields.text("slot"),
        "unit": fields.text("unit"),
        "act_hash": fields.hash("act_hash"),
        "auth_hash": fields.hash("auth_hash"),
    }
    fields.end()
    return approval


def object_path(sha256: str) -> str:
    """Where the package keeps the container with this hash."""
    return f"data/objects/{sha256}"


def objects_of(manifest: Manifest) -> dict[str, Digest]:
    """The object files that the items need, by path."""
    return {object_path(item.container.sha256): item.container for item in manifest.items}
