"""Saved searches at a browser: kept from a list, found again, one's own alone."""

import re
from collections.abc import Iterator

import pytest

from comity.access import service as access
from tests.app.visitors import Office, office
from tests.people import signed_in

HOSTILE = "<script>\u202egro"


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("saved") / "home") as made:
        made.enrol("visitor-1", "officer")
        yield made


def test_a_list_as_it_was_filtered_is_found_again(there: Office) -> None:
    officer = there.enrol("officer-1", "officer")
    assert "You have saved no search" in officer.text("/saved")
    assert "Save this search" not in officer.text("/search")
    filtered = officer.text("/search?side=asked&case=XA-7%20%C3%A9")
    (address,) = re.findall(r'name="address" value="([^"]+)"', filtered)
    assert officer.done("/saved", called="For the morning", address=address.replace("&amp;", "&")) == (
        "/search?side=asked&case=XA-7+%C3%A9"
    )
    for page in ("/work", "/saved"):
        assert 'href="/search?side=asked&amp;case=XA-7+%C3%A9"' in officer.text(page)
    assert (
        officer.done("/saved", called="for the MORNING", address="/cases?state=open&q=&after=019")
        == "/cases?state=open"
    )
    assert officer.text("/saved").count("/delete") == 1
    assert "for the MORNING" in officer.text("/work") and "For the morning" not in officer.text("/work")


def test_nobody_sees_or_deletes_what_another_saved(there: Office) -> None:
    owner, other = there.enrol("officer-2", "officer"), there.enrol("officer-3", "officer")
    owner.done("/saved", called=HOSTILE, address="/cases?q=mine")
    page = owner.text("/saved")
    assert HOSTILE not in page and "&lt;script&gt;" in page
    path = re.findall(r'action="(/saved/[^"]+/delete)"', page)[0]
    assert "mine" not in other.text("/saved") + other.text("/work")
    assert "access.saved-none" in other.refused(path, 404)
    assert owner.send(path, "forged").status_code == 403
    assert owner.done(path) == "/saved"
    assert "access.saved-none" in owner.refused(path, 404)
    assert "You have saved no search" in owner.text("/saved")


@pytest.mark.parametrize(
    ("name", "address", "told"),
    [
        ("", "/cases?q=1", "1 to 80 characters"), ("x" * 81, "/cases?q=1", "1 to 80 characters"),
        ("far", "/cases?q=" + "x" * 1000, "not the address of a list"), ("x" * 3000, "/cases", "longer than"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_kept(there: Office, name: str, address: str, told: str) -> None:
    page = there.visitor("visitor-1").refused("/saved", 400, called=name, address=address)
    assert told in page and f'value="{address}"' in page


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example", "javascript:x", "/\\x", ""])
def test_no_saved_search_leads_away(there: Office, address: str) -> None:
    page = there.visitor("visitor-1").refused("/saved", 400, called="away", address=address)
    assert "not the address of a list" in page


def test_there_is_a_most(there: Office) -> None:
    officer = there.enrol("officer-4", "officer")
    with there.node.database.unit("test.saved") as unit:
        actor = signed_in(unit, "officer-4").actor
        for n in range(50):
            access.keep_search(unit, actor, f"number {n}", f"/cases?q={n}")
    assert "You keep 50 searches already" in officer.refused("/saved", 409, called="one more", address="/cases?q=x")
    assert officer.done("/saved", called="Number 7", address="/cases?q=x") == "/cases?q=x"
