"""The exchange's SQL, by what it keeps: partners, sent, received, items, cosigned, stamped, held for others. Never
commits."""

from comity.exchange.store import alarms as alarms
from comity.exchange.store import files as files
from comity.exchange.store import followed as followed
from comity.exchange.store import gaps as gaps
from comity.exchange.store import held as held
from comity.exchange.store import inbox as inbox
from comity.exchange.store import items as items
from comity.exchange.store import partners as partners
from comity.exchange.store import sent as sent
from comity.exchange.store import stamps as stamps
from comity.exchange.store import threads as threads
from comity.exchange.store import witnesses as witnesses
