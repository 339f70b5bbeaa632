"""An officer is lured to another site, whose page acts with what the officer's browser would send along."""

import httpx
import pytest

from tests.attacks.victim import Victim
from tests.people import PASSPHRASE

pytestmark = pytest.mark.journey


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://comity.example.net"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://xc.localhost:8440"},
        {"Host": "comity.example.net", "Origin": "http://comity.example.net"},
    ],
)
def test_another_sites_page_cannot_act_for_an_officer(victim: Victim, headers: dict[str, str]) -> None:
    address = f"http://127.0.0.1:{victim.node.settings.officer_port}"
    before = victim.count("log_entry", "type <> 'act.refused'")
    for method, path in (("GET", "/api/v1/cases"), ("POST", "/api/v1/cases")):
        answer = httpx.request(
            method, address + path, headers=headers, auth=("custodian-1", PASSPHRASE), trust_env=False
        )
        assert answer.status_code == 403
        assert answer.json()["code"] in ("web.other-site", "web.not-local")
        assert "access-control-allow-origin" not in answer.headers
    assert victim.count("log_entry", "type <> 'act.refused'") == before


def test_the_right_page_can(victim: Victim) -> None:
    origin = f"http://127.0.0.1:{victim.node.settings.officer_port}"
    answer = httpx.get(
        f"{origin}/api/v1/cases", headers={"Origin": origin}, auth=("custodian-1", PASSPHRASE), trust_env=False
    )
    assert answer.status_code == 200
