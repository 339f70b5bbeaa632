"""Access at the officer API: people, and the tokens by which programs act for them."""

from comity.access.api.people import routes as routes
from comity.access.api.tokens import token_routes as token_routes
