"""The exchange's SQL, by what it keeps: the directory and partners, what was sent, what was received. Never commits."""

from comity.exchange.store import inbox as inbox
from comity.exchange.store import partners as partners
from comity.exchange.store import sent as sent
