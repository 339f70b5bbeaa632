"""Statistics, policies, keys and the log's oversight at a browser, on a whole node."""

import csv
from collections.abc import Iterator
from io import StringIO

import pytest

from tests.app.visitors import Office, office


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("oversight") / "home") as made:
        made.enrol("officer-1", "officer")
        made.enrol("auditor-1", "auditor")
        yield made


def test_statistics_of_a_month(there: Office) -> None:
    officer = there.visitor("officer-1")
    assert "No queries in this month" in officer.text("/oversight/statistics?month=2026-03")
    assert "2026-02" in officer.text("/oversight/statistics?month=2026-03")
    rows = list(csv.reader(StringIO(officer.text("/oversight/statistics.csv?month=2026-03"))))
    assert rows == [["month", "what", "partner", "side", "kind", "number"]]
    for month in ("2026", "2026-13", "x", "0001-01"):
        assert officer.get(f"/oversight/statistics?month={month}").status_code == 400, month


def test_what_is_laid_down_and_by_what_it_is_changed(there: Office) -> None:
    officer = there.visitor("officer-1")
    policies = officer.text("/admin/policies")
    for said in ("partner_per_s", "comity.toml", "comity person link", "SIS_logs", "8 hours", "as shipped"):
        assert said in policies.replace('<bdi class="number">8</bdi> hours', "8 hours"), said
    keys = officer.text("/admin/keys")
    for said in ("Certificate of connections", "Signing key", "Log key", "Key-encryption key", "comity keys renew"):
        assert said in keys, said
    assert "PRIVATE" not in keys


def test_who_did_what_is_an_auditors_to_ask(there: Office) -> None:
    """On a whole node: the act is signed by the session, logged, and finds itself the next time."""
    officer, auditor = there.visitor("officer-1"), there.visitor("auditor-1")
    assert officer.send("/oversight/search", person="officer-1", reason="curious").status_code == 403
    assert auditor.send("/oversight/search", case="none", reason="complaint 7").status_code == 400
    first = auditor.send("/oversight/search", person="officer-1", reason="complaint 7")
    assert first.status_code == 200 and "act.refused" in first.text
    again = auditor.send("/oversight/search", type="log.searched", reason="complaint 7").text
    assert "complaint 7" in again and "auditor-1" in again
