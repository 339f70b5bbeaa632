"""One request of somebody who is signed in, as the handlers of a room's pages pass it on."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import ComityError
from comity.base.model import Issuer
from comity.kit.vault.desk import Desk
from comity.kit.web.forms import form_of
from comity.kit.web.pages import Pages
from comity.kit.web.problems import status_of


@dataclass(frozen=True)
class Visit:
    """Who asks what of which node, and the pages to answer with."""

    pages: Pages
    request: Request
    desk: Desk
    issuer: Issuer

    @property
    def given(self) -> dict[str, str]:
        """What was typed into the form that came with it."""
        return form_of(self.request).kept()

    @property
    def language(self) -> str:
        """The reader's."""
        return self.pages.frame(self.request).speech.language

    def page(self, template: str, wrong: ComityError | None = None, **values: Any) -> Response:
        """The page that `template` makes, with what was `wrong` in its form and what was typed there."""
        status = 200 if wrong is None else status_of(wrong)
        return self.pages.page(self.request, template, status=status, wrong=wrong, given=self.given, **values)
