"""Every room's tables in one place, for migrations, templates of tests and backups."""

from comity.access import store as _access
from comity.cases import store as _cases
from comity.dna import store as _dna
from comity.evidence import store as _evidence
from comity.exchange import store as _exchange
from comity.kit.database.schema import metadata
from comity.kit.vault import blobs as _vault
from comity.legal import store as _legal
from comity.log import store as _log
from comity.search import store as _search

ROOMS = (_log, _access, _cases, _legal, _exchange, _search, _dna, _evidence, _vault)
"""Importing a store is what puts its tables into `metadata`; naming them here keeps the imports in use."""

__all__ = ["ROOMS", "metadata"]
