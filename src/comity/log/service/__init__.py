"""The verbs of the log, and the room's only door.

Writing (in a write unit): `append`, `erase`, `erase_under`, `inspect`, `look`, `export` (after `gather`, before
`complete`), `begin` (an epoch, as `next_epoch` says), `seal_paper` (an `issue`, as `sealing` says). Reading:
`known_paper`, `head`, `checkpoint`, `verifier`, `epochs`, `told`, `check_own`, `entries`, `latest`, `entry`, `story`,
`read_opening`, `prove`, `proof_file`, `proof_in`, `consistency`, `stretch`, `verify`, `verify_tree`, `tiles`.
Checking what somebody else proves, without a database: `parse_inclusion`, `check_checkpoint`, `check_inclusion`,
`check_proof`, `check_consistency`, `check_stretch`, `named_key`, `origin`, `epoch_of`.
"""

from comity.kit.codec.notes import VerifierKey as VerifierKey
from comity.log.rules import MOST_EPOCHS as MOST_EPOCHS
from comity.log.rules import epoch_of as epoch_of
from comity.log.rules import origin as origin
from comity.log.service.append import HEAD as HEAD
from comity.log.service.append import append as append
from comity.log.service.append import erase as erase
from comity.log.service.append import erase_under as erase_under
from comity.log.service.append import latest as latest
from comity.log.service.check import check_checkpoint as check_checkpoint
from comity.log.service.check import check_consistency as check_consistency
from comity.log.service.check import check_inclusion as check_inclusion
from comity.log.service.check import check_proof as check_proof
from comity.log.service.check import check_stretch as check_stretch
from comity.log.service.check import empty_head as empty_head
from comity.log.service.check import named_key as named_key
from comity.log.service.check import parse_inclusion as parse_inclusion
from comity.log.service.epochs import begin as begin
from comity.log.service.epochs import check_own as check_own
from comity.log.service.epochs import epochs as epochs
from comity.log.service.epochs import next_epoch as next_epoch
from comity.log.service.epochs import told as told
from comity.log.service.export import complete as complete
from comity.log.service.export import export as export
from comity.log.service.export import exporting as exporting
from comity.log.service.gathering import Stamped as Stamped
from comity.log.service.gathering import Upstairs as Upstairs
from comity.log.service.gathering import gather as gather
from comity.log.service.inspect import AUDITORS as AUDITORS
from comity.log.service.inspect import Acting as Acting
from comity.log.service.inspect import check_reason as check_reason
from comity.log.service.inspect import inspect as inspect
from comity.log.service.inspect import inspection as inspection
from comity.log.service.papers import issue as issue
from comity.log.service.papers import known_paper as known_paper
from comity.log.service.papers import seal_paper as seal_paper
from comity.log.service.papers import sealing as sealing
from comity.log.service.prove import MOST_LEAVES as MOST_LEAVES
from comity.log.service.prove import consistency as consistency
from comity.log.service.prove import entries as entries
from comity.log.service.prove import entry as entry
from comity.log.service.prove import proof_file as proof_file
from comity.log.service.prove import proof_in as proof_in
from comity.log.service.prove import prove as prove
from comity.log.service.prove import read_opening as read_opening
from comity.log.service.prove import stretch as stretch
from comity.log.service.seeking import Look as Look
from comity.log.service.seeking import look as look
from comity.log.service.seeking import looking as looking
from comity.log.service.state import checkpoint as checkpoint
from comity.log.service.state import head as head
from comity.log.service.state import verifier as verifier
from comity.log.service.stories import story as story
from comity.log.service.tiles import tiles as tiles
from comity.log.service.tiles import verify_tree as verify_tree
from comity.log.service.verify import KeyFinder as KeyFinder
from comity.log.service.verify import count as count
from comity.log.service.verify import verify as verify
from comity.log.service.verifying import VERIFIERS as VERIFIERS
from comity.log.service.verifying import note_started as note_started
from comity.log.service.verifying import note_verified as note_verified
