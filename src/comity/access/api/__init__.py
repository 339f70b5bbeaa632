"""Access at the officer API: people, the tokens by which programs act for them, and the duty desk."""

from comity.access.api.duty import duty_routes as duty_routes
from comity.access.api.people import routes as routes
from comity.access.api.tokens import token_routes as token_routes
