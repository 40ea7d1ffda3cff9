"""What happens at the door: the record, entries and codes; accounts of enterprises and officers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up."""
    op.create_table(
        "field_events",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("received_at", sa.String(), nullable=False),
        sa.Column("happened_at", sa.String(), nullable=False),
        sa.Column("date", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("street_id", sa.String(), nullable=False),
        sa.Column("authority_id", sa.String(), nullable=True),
        sa.Column("entry_id", sa.String(), nullable=True),
        sa.Column("horizon_id", sa.String(), nullable=True),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_field_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_field_events_event_id")),
    )
    with op.batch_alter_table("field_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_field_events_enterprise_id_date"), ["enterprise_id", "date"], unique=False)
        batch_op.create_index(batch_op.f("ix_field_events_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_field_events_kind_date"), ["kind", "date"], unique=False)

    op.create_table(
        "enterprise_codes",
        sa.Column("code_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.String(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.String(), nullable=True),
        sa.Column("revoked_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_enterprise_codes_enterprise_id_enterprises")
        ),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_enterprise_codes")),
    )
    with op.batch_alter_table("enterprise_codes", schema=None) as batch_op:
        batch_op.create_index(
            "ux_enterprise_codes_live",
            ["enterprise_id"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "entries",
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("street_id", sa.String(), nullable=False),
        sa.Column("authority_id", sa.String(), nullable=False),
        sa.Column("horizon_id", sa.String(), nullable=True),
        sa.Column("schedule_id", sa.String(), nullable=True),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.Column("date", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("scan_status", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("entered_at", sa.String(), nullable=False),
        sa.Column("scanned_at", sa.String(), nullable=True),
        sa.Column("left_at", sa.String(), nullable=True),
        sa.Column("officer_ids", sa.String(), nullable=False),
        sa.Column("item_ids", sa.String(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("cap_exempt", sa.Boolean(), nullable=False),
        sa.Column("approval_no", sa.String(), nullable=True),
        sa.Column("papers_due", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authorities.authority_id"], name=op.f("fk_entries_authority_id_authorities")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_entries_enterprise_id_enterprises")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entries")),
    )
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entries_authority_id_date"), ["authority_id", "date"], unique=False)
        batch_op.create_index(batch_op.f("ix_entries_enterprise_id_date"), ["enterprise_id", "date"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_entries_horizon_id_visit_id_date"), ["horizon_id", "visit_id", "date"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_entries_street_id_date"), ["street_id", "date"], unique=False)

    op.create_table(
        "officer_codes",
        sa.Column("code_id", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("made_at", sa.String(), nullable=False),
        sa.Column("expires_at", sa.String(), nullable=False),
        sa.Column("shown_at", sa.String(), nullable=True),
        sa.Column("shown_to", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.officer_id"], name=op.f("fk_officer_codes_officer_id_officers")
        ),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_officer_codes")),
    )
    op.create_table(
        "entry_items",
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=True),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("due", sa.String(), nullable=True),
        sa.Column("case_no", sa.String(), nullable=True),
        sa.Column("leniency_list", sa.String(), nullable=True),
        sa.Column("leniency_code", sa.String(), nullable=True),
        sa.Column("leniency_amount", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.entry_id"], name=op.f("fk_entry_items_entry_id_entries")),
        sa.PrimaryKeyConstraint("entry_id", "item_id", name=op.f("pk_entry_items")),
    )
    with op.batch_alter_table("entry_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_items_result_due"), ["result", "due"], unique=False)

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("enterprise_id", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("officer_id", sa.String(), nullable=True))


def downgrade() -> None:
    """Take the tables back."""
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_column("officer_id")
        batch_op.drop_column("enterprise_id")

    with op.batch_alter_table("entry_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_items_result_due"))

    op.drop_table("entry_items")
    op.drop_table("officer_codes")
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entries_street_id_date"))
        batch_op.drop_index(batch_op.f("ix_entries_horizon_id_visit_id_date"))
        batch_op.drop_index(batch_op.f("ix_entries_enterprise_id_date"))
        batch_op.drop_index(batch_op.f("ix_entries_authority_id_date"))

    op.drop_table("entries")
    with op.batch_alter_table("enterprise_codes", schema=None) as batch_op:
        batch_op.drop_index(
            "ux_enterprise_codes_live",
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.drop_table("enterprise_codes")
    with op.batch_alter_table("field_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_field_events_kind_date"))
        batch_op.drop_index(batch_op.f("ix_field_events_entry_id"))
        batch_op.drop_index(batch_op.f("ix_field_events_enterprise_id_date"))

    op.drop_table("field_events")
