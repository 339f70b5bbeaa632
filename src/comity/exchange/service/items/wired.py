"""What each message about items makes this node do: for `app`, which knows the rooms' topics."""

from collections.abc import Callable

from comity.exchange.model import Received
from comity.exchange.service.items.asking import ASKED, WANTED
from comity.exchange.service.items.following import on_item, on_withdrawal
from comity.exchange.service.items.repairing import LISTED, on_asked, on_listed, on_wanted
from comity.exchange.service.items.telling import WITHDRAWAL
from comity.exchange.service.station import Handler
from comity.exchange.service.topics import Topic, Topics
from comity.kit.database.unit import Unit


def item_handlers(topics: Topics) -> dict[str, Handler]:
    """By type of message: those of each kind, and what all kinds have in common."""
    common = {WITHDRAWAL: on_withdrawal, ASKED: on_asked, LISTED: on_listed, WANTED: on_wanted}
    return {kind: _takes(topic) for kind, topic in topics.items()} | {
        type: _of_all(verb, topics) for type, verb in common.items()
    }


def _takes(topic: Topic) -> Handler:
    return lambda unit, received: on_item(unit, topic, received)


def _of_all(verb: Callable[[Unit, Topics, Received], None], topics: Topics) -> Handler:
    return lambda unit, received: verb(unit, topics, received)
