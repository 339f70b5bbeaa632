"""A federation of federations: the office delegates to the roots of others, whose members then count as its own."""

from dataclasses import replace
from datetime import datetime

from comity.base.errors import Conflict, NotFound
from comity.exchange.model import Link
from comity.exchange.service.federation.metadata import until
from comity.exchange.service.federation.office import TARGETS, Office
from comity.exchange.service.federation.verifying import shallow, verify
from comity.exchange.wire import directory as wire


def link_to(office: Office, link: Link, bundle: bytes, now: datetime) -> None:
    """Delegate to another federation's root, or take its newer bundle; its members count as ours from then on.

    Only a new or changed link needs the targets key. ComityError where the bundle does not lead to that root.
    """
    files = shallow(wire.unpack(bundle), link.depth)
    found, name = verify(files, link.root, now), wire.link_file(link.root)
    if found.federation != link.federation or found.federation == office.federation:
        raise Conflict("exchange.federation", f"That is the directory of {found.federation}, not of another",
                       todo="Name the other federation's bundle and its root's fingerprint.")  # fmt: skip
    terms, targets = office.terms(), office.targets()
    if link not in terms.links:
        others = [one for one in terms.links if one.federation != link.federation]
        for one in terms.links:
            if one not in others:
                office.files.pop(wire.link_file(one.root), None)
        changed = wire.terms_dict(replace(terms, links=(*others, link)))
        targets.unrecognized_fields["comity"] = changed
        targets.version, targets.expires = targets.version + 1, until(now, office.listed)
        office.put(TARGETS, targets)
    office.files[name] = wire.pack(files)


def unlink(office: Office, federation: str, now: datetime) -> None:
    """Its members are not ours any more. Needs the targets key; NotFound where there is no such link."""
    terms, targets = office.terms(), office.targets()
    gone = [one for one in terms.links if one.federation == federation]
    if not gone:
        raise NotFound("exchange.link", f"There is no link to {federation}", todo="See `federation show --dir DIR`.")
    kept = tuple(one for one in terms.links if one not in gone)
    targets.unrecognized_fields["comity"] = wire.terms_dict(replace(terms, links=kept))
    targets.version, targets.expires = targets.version + 1, until(now, office.listed)
    office.put(TARGETS, targets)
    for one in gone:
        office.files.pop(wire.link_file(one.root), None)
