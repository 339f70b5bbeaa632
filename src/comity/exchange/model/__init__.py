"""The nouns of the exchange, which hold what the wire format CX/1 (`docs/protocol/cx1.md`) carries, already parsed:
messages, the files behind them, versioned state, members and their directory, how partners stand, and who vouches for
a log.
"""

from comity.exchange.model.files import FileManifest as FileManifest
from comity.exchange.model.files import Outgoing as Outgoing
from comity.exchange.model.files import Transfer as Transfer
from comity.exchange.model.items import Cursor as Cursor
from comity.exchange.model.items import Followed as Followed
from comity.exchange.model.items import ItemStamp as ItemStamp
from comity.exchange.model.items import Listed as Listed
from comity.exchange.model.items import Listing as Listing
from comity.exchange.model.members import Directory as Directory
from comity.exchange.model.members import Freshness as Freshness
from comity.exchange.model.members import Link as Link
from comity.exchange.model.members import Member as Member
from comity.exchange.model.members import Terms as Terms
from comity.exchange.model.members import Verified as Verified
from comity.exchange.model.members import Versions as Versions
from comity.exchange.model.messages import Delivery as Delivery
from comity.exchange.model.messages import DeliveryState as DeliveryState
from comity.exchange.model.messages import Gap as Gap
from comity.exchange.model.messages import Handling as Handling
from comity.exchange.model.messages import Header as Header
from comity.exchange.model.messages import Message as Message
from comity.exchange.model.messages import MessageReport as MessageReport
from comity.exchange.model.messages import Receipt as Receipt
from comity.exchange.model.messages import ReceiptKind as ReceiptKind
from comity.exchange.model.messages import Received as Received
from comity.exchange.model.messages import Sent as Sent
from comity.exchange.model.messages import Urgency as Urgency
from comity.exchange.model.standing import Alarm as Alarm
from comity.exchange.model.standing import Allowance as Allowance
from comity.exchange.model.standing import Failed as Failed
from comity.exchange.model.standing import Pace as Pace
from comity.exchange.model.standing import PartnerStatus as PartnerStatus
from comity.exchange.model.standing import Seen as Seen
from comity.exchange.model.standing import Spate as Spate
from comity.exchange.model.vouching import Authority as Authority
from comity.exchange.model.vouching import CosignReport as CosignReport
from comity.exchange.model.vouching import EpochWish as EpochWish
from comity.exchange.model.vouching import HeadReport as HeadReport
from comity.exchange.model.vouching import Hearing as Hearing
from comity.exchange.model.vouching import Holding as Holding
from comity.exchange.model.vouching import Outsider as Outsider
from comity.exchange.model.vouching import QuorumStanding as QuorumStanding
from comity.exchange.model.vouching import Stamp as Stamp
from comity.exchange.model.vouching import Stamping as Stamping
from comity.exchange.model.vouching import Submission as Submission
from comity.exchange.model.vouching import WitnessPolicy as WitnessPolicy
