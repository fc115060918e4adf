"""The one-shot verbs need nothing of the service."""

import subprocess
import sys

SCRIPT = """
import sys
import homeroom.cli.passback, homeroom.cli.provision, homeroom.cli.reconcile, homeroom.cli.work
import homeroom.reference.workflows
print(*sorted({"dbos", "flask", "sqlalchemy", "psycopg"} & set(sys.modules)))
"""


def test_a_night_from_the_command_line_loads_neither_dbos_nor_a_database() -> None:
    done = subprocess.run(  # noqa: S603  # our own interpreter and script
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
