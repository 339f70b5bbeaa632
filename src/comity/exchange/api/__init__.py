"""The exchange over HTTP: `peers` for partners and witnesses under mutual TLS, `alarms` for this node's officers."""

from comity.exchange.api.alarms import alarm_routes as alarm_routes
from comity.exchange.api.peers import partner_app as partner_app
from comity.exchange.api.peers import serve as serve
from comity.exchange.api.peers import serve_witness as serve_witness
