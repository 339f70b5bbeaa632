"""The door of the room; the verbs by file:

sending     send(unit, permit, message) -> message id               a message with case data, under a permit
            send_batch(unit, covered, message) -> message id        many parts in one, each under a permit of its own
            refuse(unit, decision, reply) -> message id             a refusal: the decision's findings, no permit
            follow_up(unit, message) -> message id                  only types of `rules.FOLLOW_UPS`: no case data
            sent(unit, message id) -> Sent                          what became of it at every recipient
handling    handle_pending(station) -> int                          runs the wired handlers on accepted messages
            defer(unit, received)                                   a handler says: a person acts later
            handled(unit, sender, message id)                       that person has acted: the HANDLED receipt
            received(unit, sender, message id) -> Received          an accepted message, opened again
            forget(unit, case, conversations) -> int                destroys what partners said about a case
receiving   receive(station, body, certificate) -> Reply            a partner's POST, in numbered steps
receipts    take_receipt(station, body, certificate) -> Reply       a partner's receipt
delivering  Courier(station, partner).deliver() -> seconds          one partner's outbox
            deliver_due(station) -> int                             every partner's, one after another
filing      prepare(database, vault, (name, ref), key) -> Outgoing  a file read through, ready for `Message.files`
            prepare_in(unit, vault, (name, ref), key) -> Outgoing   one that this unit has stored
            stop_files(unit, message id, reason) -> int             send no more of a message's files
            transfers(unit) -> list[Transfer]                       how far each file is
pushing     Porter(station, partner, hands).push() -> seconds       one partner's files, several at once
docking     put_chunk(station, id, body, certificate) -> Reply      a partner's chunk
            show_file(station, message, n, certificate) -> Reply    a partner asks which chunks are missing
fetching    tidy(station)                                           ends what did not come in time
directory   directory(unit) -> Directory; member(unit, code) -> Member; takes(unit, code, capability) -> bool
            import_directory(unit, data, root) -> Directory; open_directory(bundle, root) -> Directory
            freshness(unit) -> str; pin(unit, federation, root); belongs_to(unit) -> federation
members     member_entry(keys, ...) -> JsonObject                   what this node says of itself
entering    join(unit, entry, invitation, root) -> bytes             the one file for the federation's office
mirroring   mirror(unit, place, data, root) -> Directory; refresh(station) -> list[Looked]
federation  the federation's repository: its office, its verification, joining it (a package)
peers       turn_away(station, why, body, certificate) -> Reply     a partner asks for more than its allowance
partners    partners(unit) -> list[PartnerStatus]; verify_partners(station) -> list[HeadReport]
            alarms(unit) -> list[Alarm]; alarms_seen(unit, before); acknowledge(unit, issuer, alarm, note) -> Seen;
            unseen_alarms(unit) -> int; gaps(unit, partner) -> list[Gap]
renewing    renew(unit, kind), switch(unit, kind) -> fingerprint    another certificate or key, announced before use
            retire(station) -> kinds                                past keys that nothing needs any more, destroyed
relaying    hold(station, (code, what), body, certificate) -> Reply  a relay keeps what is posted for a member
            show_held, give_held, let_go                            that member asks for it, takes it, has it
            boxes(unit) -> list                                     what a relay holds
collecting  Collector(station).collect() -> seconds; collect(station)  a member fetches from its relay
items       tell(unit, topic, id, to) -> stamp; withdraw(unit, topic, id); repair_due(station); repair_now(unit, ...)
            followed(unit) -> list[Followed]; item_handlers(topics)    versioned state, repaired by a cursor (a package)
witnessing  add_checkpoint(station, body, certificate) -> Reply     a partner has its checkpoint cosigned
            show_shown(station, certificate) -> Reply               a partner asks what we hold of its log
gathering   gather(station) -> list[CosignReport]                   our checkpoint, to be cosigned by partners
vouching    cosigned_note(unit, entry) -> note                      a checkpoint over an entry, as others cosigned it
hearing     check_standing(station) -> list[HeadReport]             does our log extend what partners hold of it?
            hear(station) -> Hearing                                how far was it, as partners and witnesses say?
epochs      begin_epoch(unit, people, incident) -> index            our log goes on in another epoch, and why
            next_number(unit, hearing, lock) -> number              which one that may be
tending     undelivered(unit, partner, before) -> list[Undelivered]; retry_by(unit, issuer, partner) -> int;
            give_up(unit, issuer, (message, partner), reason)           an operator about what does not arrive
thawing     thaw(unit, issuer, partner, reason) -> Again            exchange again, and repair what a loss took
turning     list_epochs, meet: another epoch of a partner's log     looked at before anything is exchanged again
surrounding surroundings(unit, heads) -> Surroundings               what others say about our log, for an export
"""

from comity.exchange.rules import CHUNK_BYTES as CHUNK_BYTES
from comity.exchange.rules import CORRECTIONS as CORRECTIONS
from comity.exchange.rules import DEADLINES as DEADLINES
from comity.exchange.rules import FOLLOW_UPS as FOLLOW_UPS
from comity.exchange.rules import MESSAGE_BYTES as MESSAGE_BYTES
from comity.exchange.rules import REFUSAL as REFUSAL
from comity.exchange.rules import SMALL_BYTES as SMALL_BYTES
from comity.exchange.rules import WITHDRAWALS as WITHDRAWALS
from comity.exchange.service.acknowledging import take_receipt as take_receipt
from comity.exchange.service.alarms import acknowledge as acknowledge
from comity.exchange.service.alarms import alarms_seen as alarms_seen
from comity.exchange.service.alarms import unseen_alarms as unseen_alarms
from comity.exchange.service.collecting import Collector as Collector
from comity.exchange.service.collecting import collect as collect
from comity.exchange.service.delivering import Courier as Courier
from comity.exchange.service.delivering import deliver_due as deliver_due
from comity.exchange.service.delivering import owed as owed
from comity.exchange.service.delivering import recipients as recipients
from comity.exchange.service.delivering import retry as retry
from comity.exchange.service.directory import belongs_to as belongs_to
from comity.exchange.service.directory import directory as directory
from comity.exchange.service.directory import freshness as freshness
from comity.exchange.service.directory import import_directory as import_directory
from comity.exchange.service.directory import member as member
from comity.exchange.service.directory import open_directory as open_directory
from comity.exchange.service.directory import pin as pin
from comity.exchange.service.directory import takes as takes
from comity.exchange.service.docking import put_chunk as put_chunk
from comity.exchange.service.docking import show_file as show_file
from comity.exchange.service.entering import join as join
from comity.exchange.service.epochs import AGREEING as AGREEING
from comity.exchange.service.epochs import ASKING as ASKING
from comity.exchange.service.epochs import Incident as Incident
from comity.exchange.service.epochs import begin_epoch as begin_epoch
from comity.exchange.service.epochs import next_number as next_number
from comity.exchange.service.extending import show_consistency as show_consistency
from comity.exchange.service.extending import show_stretch as show_stretch
from comity.exchange.service.failing import failed as failed
from comity.exchange.service.fetching import tidy as tidy
from comity.exchange.service.filing import FILES as FILES
from comity.exchange.service.filing import prepare as prepare
from comity.exchange.service.filing import prepare_in as prepare_in
from comity.exchange.service.filing import stop_files as stop_files
from comity.exchange.service.filing import transfers as transfers
from comity.exchange.service.gathering import gather as gather
from comity.exchange.service.handling import conversation as conversation
from comity.exchange.service.handling import defer as defer
from comity.exchange.service.handling import forget as forget
from comity.exchange.service.handling import handle_pending as handle_pending
from comity.exchange.service.handling import handled as handled
from comity.exchange.service.handling import has_pending as has_pending
from comity.exchange.service.handling import received as received
from comity.exchange.service.handling import work as work
from comity.exchange.service.heads import alarms as alarms
from comity.exchange.service.hearing import check_standing as check_standing
from comity.exchange.service.hearing import hear as hear
from comity.exchange.service.items.following import followed as followed
from comity.exchange.service.items.repairing import REPAIRERS as REPAIRERS
from comity.exchange.service.items.repairing import repair_due as repair_due
from comity.exchange.service.items.repairing import repair_now as repair_now
from comity.exchange.service.items.telling import tell as tell
from comity.exchange.service.items.telling import told_to as told_to
from comity.exchange.service.items.telling import withdraw as withdraw
from comity.exchange.service.items.wired import item_handlers as item_handlers
from comity.exchange.service.members import Role as Role
from comity.exchange.service.members import fingerprint_of as fingerprint_of
from comity.exchange.service.members import member_entry as member_entry
from comity.exchange.service.mirroring import Looked as Looked
from comity.exchange.service.mirroring import mirror as mirror
from comity.exchange.service.mirroring import read_place as read_place
from comity.exchange.service.mirroring import refresh as refresh
from comity.exchange.service.mirroring import show_directory as show_directory
from comity.exchange.service.partners import gaps as gaps
from comity.exchange.service.partners import partners as partners
from comity.exchange.service.partners import show_checkpoint as show_checkpoint
from comity.exchange.service.partners import show_epoch as show_epoch
from comity.exchange.service.partners import verify_partner as verify_partner
from comity.exchange.service.partners import verify_partners as verify_partners
from comity.exchange.service.peers import Reply as Reply
from comity.exchange.service.peers import Why as Why
from comity.exchange.service.peers import turn_away as turn_away
from comity.exchange.service.proving import verify_messages as verify_messages
from comity.exchange.service.pushing import Hands as Hands
from comity.exchange.service.pushing import Porter as Porter
from comity.exchange.service.pushing import files_due as files_due
from comity.exchange.service.pushing import push_due as push_due
from comity.exchange.service.quorum import quorum as quorum
from comity.exchange.service.receipts import receipts as receipts
from comity.exchange.service.receiving import receive as receive
from comity.exchange.service.relaying import boxes as boxes
from comity.exchange.service.relaying import give_held as give_held
from comity.exchange.service.relaying import hold as hold
from comity.exchange.service.relaying import let_go as let_go
from comity.exchange.service.relaying import show_held as show_held
from comity.exchange.service.renewing import DRAIN as DRAIN
from comity.exchange.service.renewing import KINDS as KINDS
from comity.exchange.service.renewing import Kind as Kind
from comity.exchange.service.renewing import renew as renew
from comity.exchange.service.renewing import retire as retire
from comity.exchange.service.renewing import switch as switch
from comity.exchange.service.sending import basis_code as basis_code
from comity.exchange.service.sending import follow_up as follow_up
from comity.exchange.service.sending import refuse as refuse
from comity.exchange.service.sending import send as send
from comity.exchange.service.sending import send_batch as send_batch
from comity.exchange.service.sending import sent as sent
from comity.exchange.service.stamping import ask_stamp as ask_stamp
from comity.exchange.service.stamping import keep_stamp as keep_stamp
from comity.exchange.service.stamping import stamp_due as stamp_due
from comity.exchange.service.stamping import stamp_now as stamp_now
from comity.exchange.service.stamping import stamped as stamped
from comity.exchange.service.stamping import stamping as stamping
from comity.exchange.service.stamping import stamps_over as stamps_over
from comity.exchange.service.station import OWED as OWED
from comity.exchange.service.station import PENDING as PENDING
from comity.exchange.service.station import Handler as Handler
from comity.exchange.service.station import Keeper as Keeper
from comity.exchange.service.station import Station as Station
from comity.exchange.service.station import Watcher as Watcher
from comity.exchange.service.surrounding import surroundings as surroundings
from comity.exchange.service.tending import MOST_UNDELIVERED as MOST_UNDELIVERED
from comity.exchange.service.tending import give_up as give_up
from comity.exchange.service.tending import retry_by as retry_by
from comity.exchange.service.tending import undelivered as undelivered
from comity.exchange.service.thawing import thaw as thaw
from comity.exchange.service.threads import Said as Said
from comity.exchange.service.threads import thread as thread
from comity.exchange.service.topics import Topic as Topic
from comity.exchange.service.topics import Topics as Topics
from comity.exchange.service.trust import keys_state as keys_state
from comity.exchange.service.trust import refresh_keys as refresh_keys
from comity.exchange.service.trust import server_tls as server_tls
from comity.exchange.service.vouching import cosigned_note as cosigned_note
from comity.exchange.service.witnessing import add_checkpoint as add_checkpoint
from comity.exchange.service.witnessing import show_shown as show_shown
