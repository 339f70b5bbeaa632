"""The exchange's SQL, by what it keeps: directory and partners, sent, received, cosigned, stamped. Never commits."""

from comity.exchange.store import files as files
from comity.exchange.store import inbox as inbox
from comity.exchange.store import partners as partners
from comity.exchange.store import sent as sent
from comity.exchange.store import stamps as stamps
from comity.exchange.store import witnesses as witnesses
