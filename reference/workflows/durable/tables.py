"""The tables of jobs, in the registry's database. Instants are ISO 8601 text in UTC."""

import sqlalchemy as sa

metadata = sa.MetaData()

jobs = sa.Table(
    "homeroom_jobs",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    # Also the id of the workflow in DBOS's tables.
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("district", sa.Text, nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False, index=True),
    sa.Column("started_at", sa.Text),
    sa.Column("ended_at", sa.Text),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("stages", sa.Text, nullable=False),
    sa.Column("options", sa.Text, nullable=False),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("totals", sa.Text, nullable=False),
    sa.Column("worker", sa.Text, nullable=False),
    sa.Column("starts", sa.Integer, nullable=False),
    sa.Column("releases", sa.Text, nullable=False),
    sa.Column("released_by", sa.Text, nullable=False),
    # Who cancelled it; it ends before its next stage.
    sa.Column("cancelled_by", sa.Text, nullable=False),
)
# Of a grade sync: what became of each assignment and class, by batch; unchanged ones left out.
outcomes = sa.Table(
    "homeroom_outcomes",
    metadata,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("course", sa.BigInteger, primary_key=True),
    sa.Column("batch", sa.BigInteger, primary_key=True),
    sa.Column("outcomes", sa.Text, nullable=False),
)
# How far each schedule has been seen to.
schedules = sa.Table(
    "homeroom_schedules",
    metadata,
    sa.Column("district", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    # The time of day and zone that `slot` was worked out from.
    sa.Column("setting", sa.Text, nullable=False),
    sa.Column("slot", sa.Text, nullable=False),
    # When a rollover window was last seen open; "" never.
    sa.Column("window_seen", sa.Text, nullable=False),
)
