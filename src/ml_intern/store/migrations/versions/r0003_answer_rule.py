"""What the UNKNOWN answer is fitted for becomes an artifact of its own, as the task of a run asked for it."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BEFORE = {"coverage": 0.98, "error": None}
"""What it was where a task does not say."""


def upgrade() -> None:
    """Add the rule beside the newest task of each run, so that nothing is understood or trained anew."""
    connection = op.get_bind()
    newest = connection.execute(
        sa.text(
            "SELECT run_id, content, max(version) FROM artifacts WHERE kind = 'task_spec' AND run_id NOT IN "
            "(SELECT run_id FROM artifacts WHERE kind = 'answer_rule') GROUP BY run_id"
        )
    ).all()
    for run, content, _ in newest:
        rule = {"unknown": json.loads(content).get("unknown", BEFORE)}
        text = json.dumps(rule, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        connection.execute(
            sa.text(
                "INSERT INTO artifacts (run_id, kind, version, sha256, content, inputs, time) SELECT :run, "
                "'answer_rule', 1, :sha256, :content, '{}', max(time) FROM artifacts WHERE run_id = :run"
            ),
            {"run": run, "sha256": hashlib.sha256(text.encode()).hexdigest(), "content": text},
        )
