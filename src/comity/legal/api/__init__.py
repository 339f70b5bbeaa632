"""The law at the officer API, by what the routes are about; the verbs are those of `comity legal`."""

from comity.legal.api.agreements import agreement_routes as agreement_routes
from comity.legal.api.explaining import explanation_routes as explanation_routes
from comity.legal.api.law import routes as routes
from comity.legal.api.matters import matter_routes as matter_routes
