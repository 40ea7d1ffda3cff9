"""What-if studies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up."""
    op.create_table(
        "studies",
        sa.Column("study_id", sa.String(), nullable=False),
        sa.Column("horizon_id", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("area_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("case_upload_id", sa.String(), nullable=False),
        sa.Column("case_digest", sa.String(), nullable=False),
        sa.Column("report_zh_id", sa.String(), nullable=False),
        sa.Column("report_en_id", sa.String(), nullable=False),
        sa.Column("scenarios", sa.JSON(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("comparison", sa.JSON(), nullable=False),
        sa.Column("stored", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_upload_id"], ["uploads.upload_id"], name=op.f("fk_studies_case_upload_id_uploads")
        ),
        sa.ForeignKeyConstraint(["horizon_id"], ["horizons.horizon_id"], name=op.f("fk_studies_horizon_id_horizons")),
        sa.ForeignKeyConstraint(["report_en_id"], ["uploads.upload_id"], name=op.f("fk_studies_report_en_id_uploads")),
        sa.ForeignKeyConstraint(["report_zh_id"], ["uploads.upload_id"], name=op.f("fk_studies_report_zh_id_uploads")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_studies_run_id_runs")),
        sa.PrimaryKeyConstraint("study_id", name=op.f("pk_studies")),
    )
    with op.batch_alter_table("studies", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_studies_horizon_id_level_area_id"), ["horizon_id", "level", "area_id"], unique=False
        )


def downgrade() -> None:
    """Take the tables back."""
    with op.batch_alter_table("studies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_studies_horizon_id_level_area_id"))

    op.drop_table("studies")
