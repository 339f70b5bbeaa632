"""There and back at a real browser: cookies that another site's redirect carries, and those that it does not."""

import socket
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser

from comity.app import officers, operating
from comity.app.settings import Settings
from comity.app.wiring import create_node
from comity.kit.web.servers import serve_in_thread
from tests import provider as simulated
from tests.people import PASSPHRASE, enrol
from tests.provider import SECRET, Provider


def test_an_agencys_account_opens_a_session(chromium: Browser, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(tmp_path / "home", "XA", "Agency", officer_port=port)
    made = operating.init(settings, operating.FirstPerson("admin-1", "s", PASSPHRASE))
    with made.database.unit("test.people") as unit:
        enrol(unit, "officer-1", "officer")
    made.close()
    secret = tmp_path / "home" / "oidc"
    secret.touch(mode=0o600)
    secret.write_text(SECRET, encoding="utf-8")
    with simulated.running(Provider()) as there:
        node = create_node(replace(settings, oidc_issuer=there.issuer, oidc_client=there.client, oidc_claim="comity",
                                   oidc_secret_file="oidc"))  # fmt: skip
        server = serve_in_thread(officers.application(node), "127.0.0.1", port)
        page = chromium.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.goto(f"{settings.officer_address}/admin")
        page.get_by_role("button", name="Sign in with your agency's account").click()
        page.wait_for_url(f"{settings.officer_address}/admin")
        assert page.get_by_role("row", name="officer-1").is_visible()
        kept = {one["name"]: one["sameSite"] for one in page.context.cookies()}
        assert kept == {"__Host-comity": "Strict"}
        assert complaints == []
        page.close()
        server.stop()
        node.close()
