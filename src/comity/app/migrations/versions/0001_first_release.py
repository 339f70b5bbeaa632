"""The tables of the first release, room by room."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import JsonText, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every room's tables."""
    _access()
    _case()
    _dna()
    _evidence()
    _exchange()
    _legal()
    _log()
    _search()
    _vault()


def _access() -> None:
    op.create_table(
        "access_approval",
        sa.Column("target_hash", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=63), nullable=False),
        sa.Column("act_hash", sa.String(length=64), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("target_hash", "slot", name="pk_access_approval"),
        sa.UniqueConstraint("target_hash", "key_id", name="uq_access_approval_target_hash_key_id"),
        sa.UniqueConstraint("target_hash", "person", name="uq_access_approval_target_hash_person"),
        sa.UniqueConstraint("target_hash", "unit", name="uq_access_approval_target_hash_unit"),
    )
    op.create_table(
        "access_assertion",
        sa.Column("auth_hash", sa.String(length=64), nullable=False),
        sa.Column("act_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("auth_hash", name="pk_access_assertion"),
    )
    op.create_index("ix_access_assertion_act_hash", "access_assertion", ["act_hash"], unique=False)
    op.create_table(
        "access_key",
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name="pk_access_key"),
    )
    op.create_table(
        "access_person",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("unit", sa.String(length=63), nullable=False),
        sa.Column("roles", JsonText(), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("qualified_until", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("added_by", sa.String(length=63), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_access_person"),
        sa.UniqueConstraint("key_id", name="uq_access_person_key_id"),
    )
    op.create_table(
        "access_stranger",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("logged_at", UtcTime(), nullable=False),
        sa.Column("silent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_stranger"),
    )


def _case() -> None:
    op.create_table(
        "case_file",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("reference_hash", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("offence", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=63), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_file"),
        sa.UniqueConstraint("reference_hash", name="uq_case_file_reference_hash"),
    )
    op.create_table(
        "case_key",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_key"),
    )
    op.create_table(
        "case_member",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("admitted_by", sa.String(length=63), nullable=False),
        sa.Column("admitted_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_case_member"),
        sa.UniqueConstraint("case_id", "person", name="uq_case_member_case_id_person"),
    )
    op.create_index("ix_case_member_person", "case_member", ["person"], unique=False)


def _dna() -> None:
    op.create_table(
        "dna_change",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dna_change"),
    )
    op.create_table(
        "dna_profile",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("specimen", sa.String(length=128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("category", sa.String(length=128), nullable=False),
        sa.Column("kit", sa.String(length=128), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("alleles", JsonText(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("loci", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_dna_profile"),
        sa.UniqueConstraint("id", name="uq_dna_profile_id"),
        sa.UniqueConstraint("number", name="uq_dna_profile_number"),
        sa.UniqueConstraint("specimen", "version", name="uq_dna_profile_specimen_version"),
        sqlite_autoincrement=True,
    )


def _evidence() -> None:
    op.create_table(
        "evidence_custody",
        sa.Column("item", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("item", "seq", name="pk_evidence_custody"),
    )
    op.create_table(
        "evidence_item",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("exhibit", sa.String(length=64), nullable=False),
        sa.Column("container_sha256", sa.String(length=64), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evidence_item"),
    )
    op.create_index("ix_evidence_item_exhibit", "evidence_item", ["case_id", "origin", "exhibit"], unique=False)
    op.create_table(
        "evidence_parcel",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("request", sa.String(length=36), nullable=False),
        sa.Column("sender", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("package_sha256", sa.String(length=64), nullable=False),
        sa.Column("package_size", sa.BigInteger(), nullable=False),
        sa.Column("use", sa.String(length=32), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("conversation", sa.String(length=36), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evidence_parcel"),
    )
    op.create_index("ix_evidence_parcel_request", "evidence_parcel", ["request"], unique=False)
    op.create_table(
        "evidence_release",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("request", sa.String(length=36), nullable=False),
        sa.Column("recipient", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("items", JsonText(), nullable=False),
        sa.Column("use", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("proposal", JsonText(), nullable=False),
        sa.Column("package_sha256", sa.String(length=64), nullable=False),
        sa.Column("package_size", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("conversation", sa.String(length=36), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evidence_release"),
    )
    op.create_index("ix_evidence_release_request", "evidence_release", ["request"], unique=False)
    op.create_index("ix_evidence_release_state", "evidence_release", ["state"], unique=False)
    op.create_table(
        "evidence_request",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("partner", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("about", sa.String(length=36), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("conversation", sa.String(length=36), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", JsonText(), nullable=False),
        sa.Column("basis", JsonText(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evidence_request"),
    )
    op.create_index("ix_evidence_request_conversation", "evidence_request", ["conversation"], unique=False)


def _exchange() -> None:
    op.create_table(
        "exchange_alarm",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("partner", sa.String(length=16), nullable=False),
        sa.Column("detail", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_exchange_alarm"),
    )
    op.create_table(
        "exchange_conversation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_exchange_conversation"),
    )
    op.create_table(
        "exchange_cosignature",
        sa.Column("witness", sa.String(length=16), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("witness", "size", name="pk_exchange_cosignature"),
    )
    op.create_table(
        "exchange_directory",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("imported_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_exchange_directory"),
    )
    op.create_table(
        "exchange_freeze",
        sa.Column("node", sa.String(length=16), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("alarm", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("node", name="pk_exchange_freeze"),
    )
    op.create_table(
        "exchange_head",
        sa.Column("node", sa.String(length=16), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=256), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("node", "size", name="pk_exchange_head"),
    )
    op.create_table(
        "exchange_inbox",
        sa.Column("sender", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("conversation", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("entry", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.Column("sent_proof", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=128), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("settled_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("sender", "id", name="pk_exchange_inbox"),
    )
    op.create_index("ix_exchange_inbox_conversation", "exchange_inbox", ["conversation"], unique=False)
    op.create_index("ix_exchange_inbox_pending", "exchange_inbox", ["state", "entry"], unique=False)
    op.create_table(
        "exchange_message",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("conversation", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("supersedes", sa.String(length=36), nullable=True),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_exchange_message"),
    )
    op.create_index("ix_exchange_message_conversation", "exchange_message", ["conversation"], unique=False)
    op.create_table(
        "exchange_outbox",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recipient", sa.String(length=16), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("conversation", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=False),
        sa.Column("deadline", UtcTime(), nullable=False),
        sa.Column("reason", sa.String(length=128), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("n", name="pk_exchange_outbox"),
        sa.UniqueConstraint("message", "recipient", "what", name="uq_exchange_outbox_message_recipient_what"),
    )
    op.create_index("ix_exchange_outbox_due", "exchange_outbox", ["state", "recipient", "next_at"], unique=False)
    op.create_table(
        "exchange_partner",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=True),
        sa.Column("seen_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("code", name="pk_exchange_partner"),
    )
    op.create_table(
        "exchange_receipt",
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=128), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.Column("stored_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("message", "issuer", "kind", name="pk_exchange_receipt"),
    )
    op.create_table(
        "exchange_root",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("federation", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_exchange_root"),
    )
    op.create_table(
        "exchange_witnessed",
        sa.Column("origin", sa.String(length=256), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_exchange_witnessed"),
    )


def _legal() -> None:
    op.create_table(
        "legal_agreement",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("agreement", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("aside", sa.Boolean(), nullable=False),
        sa.Column("binds", sa.Boolean(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_legal_agreement"),
    )
    op.create_index("ix_legal_agreement_agreement", "legal_agreement", ["agreement"], unique=False)
    op.create_table(
        "legal_clock",
        sa.Column("holder", sa.String(length=128), nullable=False),
        sa.Column("clock", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("article", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started", UtcTime(), nullable=False),
        sa.Column("due", UtcTime(), nullable=True),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("consequence", sa.Text(), nullable=False),
        sa.Column("turn", sa.String(length=16), nullable=False),
        sa.Column("alarms", JsonText(), nullable=False),
        sa.Column("case", sa.String(length=36), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("holder", "clock", name="pk_legal_clock"),
    )
    op.create_index("ix_legal_clock_ended_at", "legal_clock", ["ended_at"], unique=False)
    op.create_index("ix_legal_clock_next_at", "legal_clock", ["next_at"], unique=False)
    op.create_table(
        "legal_decision",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("instrument", sa.String(length=64), nullable=False),
        sa.Column("article", sa.String(length=64), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("asking", sa.String(length=16), nullable=False),
        sa.Column("asked", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rules_hash", sa.String(length=64), nullable=False),
        sa.Column("facts", JsonText(), nullable=False),
        sa.Column("findings", JsonText(), nullable=False),
        sa.Column("requirements", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_legal_decision"),
    )
    op.create_table(
        "legal_permit",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("act_hash", sa.String(length=64), nullable=False),
        sa.Column("recipients", JsonText(), nullable=False),
        sa.Column("instrument", sa.String(length=64), nullable=False),
        sa.Column("article", sa.String(length=64), nullable=False),
        sa.Column("fulfilled", JsonText(), nullable=False),
        sa.Column("used", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_legal_permit"),
    )
    op.create_index("ix_legal_permit_act_hash", "legal_permit", ["act_hash"], unique=False)
    op.create_index("ix_legal_permit_decision_id", "legal_permit", ["decision_id"], unique=False)
    op.create_table(
        "legal_proceeding",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("partner", sa.String(length=16), nullable=False),
        sa.Column("case", sa.String(length=36), nullable=True),
        sa.Column("facts", JsonText(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("opened_by", sa.String(length=255), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_legal_proceeding"),
    )
    op.create_index("ix_legal_proceeding_case", "legal_proceeding", ["case"], unique=False)
    op.create_index("ix_legal_proceeding_ended_at", "legal_proceeding", ["ended_at"], unique=False)
    op.create_index("ix_legal_proceeding_subject", "legal_proceeding", ["subject"], unique=False)
    op.create_table(
        "legal_quota",
        sa.Column("direction", sa.String(length=16), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.Column("on_trip", sa.String(length=16), nullable=False),
        sa.Column("set_by", sa.String(length=255), nullable=False),
        sa.Column("set_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("direction", "scope", "name", "measure", name="pk_legal_quota"),
    )
    op.create_table(
        "legal_review",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("instrument", sa.String(length=64), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("article", sa.String(length=64), nullable=False),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_legal_review"),
    )
    op.create_table(
        "legal_set",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("act", JsonText(), nullable=False),
        sa.Column("auth_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_legal_set"),
    )
    op.create_table(
        "legal_signature",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("roles", JsonText(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("act", JsonText(), nullable=False),
        sa.Column("assertion", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "node", name="pk_legal_signature"),
    )
    op.create_table(
        "legal_step",
        sa.Column("proceeding", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("after", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=255), nullable=False),
        sa.Column("rules_hash", sa.String(length=64), nullable=False),
        sa.Column("findings", JsonText(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("proceeding", "seq", name="pk_legal_step"),
    )
    op.create_table(
        "legal_table",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_legal_table"),
        sa.UniqueConstraint("digest", name="uq_legal_table_digest"),
    )
    op.create_table(
        "legal_usage",
        sa.Column("direction", sa.String(length=16), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("direction", "scope", "name", "measure", "day", name="pk_legal_usage"),
    )


def _log() -> None:
    op.create_table(
        "log_checkpoint",
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_log_checkpoint"),
    )
    op.create_table(
        "log_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("peer", sa.String(length=64), nullable=True),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_log_entry"),
        sa.UniqueConstraint("id", name="uq_log_entry_id"),
    )
    landmark = sa.text("type IN ('erasure.done', 'legal.imported', 'legal.reviewed', 'legal.signed')")
    op.create_index(
        "log_entry_landmark", "log_entry", ["type", "seq"], sqlite_where=landmark, postgresql_where=landmark
    )
    op.create_table(
        "log_head",
        sa.Column("one", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_log_head"),
    )
    op.create_table(
        "log_node",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name="pk_log_node"),
    )
    op.create_table(
        "log_opening",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(length=128), nullable=False),
        sa.Column("actor", sa.LargeBinary(), nullable=True),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("case_ref", sa.LargeBinary(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_log_opening"),
    )


def _search() -> None:
    op.create_table(
        "search_candidate",
        sa.Column("query", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("quality", sa.Integer(), nullable=False),
        sa.Column("near", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("query", "number", name="pk_search_candidate"),
    )
    op.create_table(
        "search_core",
        sa.Column("query", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.String(length=36), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("clock", JsonText(), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("query", name="pk_search_core"),
    )
    op.create_table(
        "search_query",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("question", sa.String(length=36), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("partner", sa.String(length=16), nullable=False),
        sa.Column("modality", sa.String(length=16), nullable=False),
        sa.Column("case", sa.String(length=36), nullable=True),
        sa.Column("ref", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", JsonText(), nullable=False),
        sa.Column("conversation", sa.String(length=36), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("deadline", UtcTime(), nullable=False),
        sa.Column("basis", JsonText(), nullable=False),
        sa.Column("supersedes", sa.String(length=36), nullable=True),
        sa.Column("superseded_by", sa.String(length=36), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_query"),
    )
    op.create_index("ix_search_query_case", "search_query", ["case"], unique=False)
    op.create_index("ix_search_query_message", "search_query", ["message"], unique=False)
    op.create_index("ix_search_query_question", "search_query", ["question"], unique=False)
    op.create_index("ix_search_query_state", "search_query", ["state"], unique=False)
    op.create_table(
        "search_superseded",
        sa.Column("query", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("query", "seq", name="pk_search_superseded"),
    )
    op.create_table(
        "search_transition",
        sa.Column("query", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("query", "seq", name="pk_search_transition"),
    )
    op.create_table(
        "search_verdict",
        sa.Column("query", sa.String(length=36), nullable=False),
        sa.Column("round", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("query", "round", "number", "node", "person", name="pk_search_verdict"),
    )


def _vault() -> None:
    op.create_table(
        "vault_blob",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_vault_blob"),
    )
    op.create_index("ix_vault_blob_content", "vault_blob", ["content"], unique=False)
