"""The custody record of an exhibit as a sealed paper."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from comity.base.errors import NotAllowed
from comity.evidence import service
from comity.kit.database.unit import Database
from comity.kit.papers.setting import drawing
from comity.log import service as log
from tests.evidence.service.agencies import world
from tests.faces import desk_over


def test_a_custody_record_on_paper(make_database: Callable[[str], Database], tmp_path: Path) -> None:
    with world(make_database, tmp_path) as met:
        kept, desk, people = met.b.take_in(), desk_over(met.b.database, tmp_path), met.b.people
        with desk.acting("evidence.paper", people["custodian"]) as unit:
            sealed, file = service.issue_custody(unit, people["custodian"], kept.item.id, "en", drawing(desk))
        text = " ".join("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages).split())
        for said in ("Custody record", kept.item.exhibit, kept.item.container.sha256, "collected", "sealed", "XB"):
            assert said in text, said
        with met.b.database.read("test.paper") as unit:
            assert log.known_paper(unit, file=file) == sealed and log.verify(unit).ok
        with desk.acting("evidence.paper", people["stranger"]) as unit, pytest.raises(NotAllowed):
            service.issue_custody(unit, people["stranger"], kept.item.id, "en", drawing(desk))
