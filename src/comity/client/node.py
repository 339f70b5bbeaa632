"""A node at a distance, by the groups of its API."""

from dataclasses import dataclass

from comity.client.cases import Cases
from comity.client.connection import Connection, at
from comity.client.dna import Dna
from comity.client.duty import Alarms, Duty
from comity.client.evidence import Evidence
from comity.client.law import Agreements, Law
from comity.client.log import Log
from comity.client.people import People, Tokens
from comity.client.searches import Searches


@dataclass(frozen=True)
class Node:
    """Every verb of the officer API, over one connection's address and token; safe for several threads."""

    connection: Connection

    @property
    def people(self) -> People:
        """Who may act on the node."""
        return People(self.connection)

    @property
    def tokens(self) -> Tokens:
        """Access tokens of programs."""
        return Tokens(self.connection)

    @property
    def duty(self) -> Duty:
        """The duty desk."""
        return Duty(self.connection)

    @property
    def alarms(self) -> Alarms:
        """Alarms, and who has seen them."""
        return Alarms(self.connection)

    @property
    def cases(self) -> Cases:
        """Case files."""
        return Cases(self.connection)

    @property
    def law(self) -> Law:
        """The law, decisions, matters and deadlines."""
        return Law(self.connection)

    @property
    def agreements(self) -> Agreements:
        """Agreements with partners."""
        return Agreements(self.connection)

    @property
    def dna(self) -> Dna:
        """DNA profiles."""
        return Dna(self.connection)

    @property
    def searches(self) -> Searches:
        """Questions to other states, and theirs."""
        return Searches(self.connection)

    @property
    def evidence(self) -> Evidence:
        """Exhibits, requests, releases, packages."""
        return Evidence(self.connection)

    @property
    def log(self) -> Log:
        """The evidence log."""
        return Log(self.connection)


def connect(address: str, token: str, timeout: float = 60.0) -> Node:
    """The node at `address`, asked with this access token; nothing is sent yet. BadInput as `connection.at` tells."""
    return Node(at(address, token, timeout))
