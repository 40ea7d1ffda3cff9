"""Registers of the published lists: laws, powers, inspection items, bodies, whose items, delegations, leniency."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up."""
    op.create_table(
        "authority_items",
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("authority_id", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("from", sa.String(), nullable=True),
        sa.Column("to", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_authority_items")),
    )
    with op.batch_alter_table("authority_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_authority_items_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_authority_items_item_code"), ["item_code"], unique=False)

    op.create_table(
        "bodies",
        sa.Column("authority_id", sa.String(), nullable=False),
        sa.Column("body_kind", sa.String(), nullable=False),
        sa.Column("announced", sa.String(), nullable=True),
        sa.Column("acts_for", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("authority_id", name=op.f("pk_bodies")),
    )
    op.create_table(
        "delegations",
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("authority_id", sa.String(), nullable=False),
        sa.Column("street_id", sa.String(), nullable=False),
        sa.Column("to_authority", sa.String(), nullable=False),
        sa.Column("from", sa.String(), nullable=False),
        sa.Column("to", sa.String(), nullable=True),
        sa.Column("document_no", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_delegations")),
    )
    with op.batch_alter_table("delegations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegations_item_code"), ["item_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_delegations_street_id"), ["street_id"], unique=False)

    op.create_table(
        "inspection_items",
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("law_id", sa.String(), nullable=True),
        sa.Column("legal_basis", sa.String(), nullable=True),
        sa.Column("published", sa.String(), nullable=True),
        sa.Column("withdrawn", sa.String(), nullable=True),
        sa.Column("remote", sa.Boolean(), nullable=True),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("papers", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("item_code", name=op.f("pk_inspection_items")),
    )
    op.create_table(
        "laws",
        sa.Column("law_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=True),
        sa.Column("in_force", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("law_id", name=op.f("pk_laws")),
    )
    op.create_table(
        "leniency_items",
        sa.Column("leniency_code", sa.String(), nullable=False),
        sa.Column("leniency_list", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("law_id", sa.String(), nullable=True),
        sa.Column("condition", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("leniency_code", name=op.f("pk_leniency_items")),
    )
    op.create_table(
        "powers",
        sa.Column("power_id", sa.String(), nullable=False),
        sa.Column("authority_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("power_kind", sa.String(), nullable=False),
        sa.Column("law_id", sa.String(), nullable=True),
        sa.Column("article", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("power_id", name=op.f("pk_powers")),
    )
    with op.batch_alter_table("powers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_powers_authority_id"), ["authority_id"], unique=False)


def downgrade() -> None:
    """Take the tables back."""
    with op.batch_alter_table("powers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_powers_authority_id"))

    op.drop_table("powers")
    op.drop_table("leniency_items")
    op.drop_table("laws")
    op.drop_table("inspection_items")
    with op.batch_alter_table("delegations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegations_street_id"))
        batch_op.drop_index(batch_op.f("ix_delegations_item_code"))

    op.drop_table("delegations")
    op.drop_table("bodies")
    with op.batch_alter_table("authority_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_authority_items_item_code"))
        batch_op.drop_index(batch_op.f("ix_authority_items_authority_id"))

    op.drop_table("authority_items")
