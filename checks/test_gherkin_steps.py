"""The Gherkin steps work in another project's suite."""

import subprocess
import sys
from pathlib import Path

from checks.support import environment

FEATURE = '''
Feature: A night in our own suite
  Scenario: A saved moment is played again
    Given the worlds' clock says 2026-09-14T06:00:00Z
    And the world is saved
    When 5 school days pass in Focus
    Then it is 2026-09-19
    When the saved world is brought back
    Then it is 2026-09-14

  Scenario: Focus stumbles
    Given this fault is set:
      """
      {"when": {"fake": "focus", "operation": "createToken"}, "act": {"kind": "status"}}
      """
    Then a token is refused with 503
'''
SUITE = """
import urllib.error, urllib.request
import pytest
from pytest_bdd import parsers, scenarios, then

pytestmark = pytest.mark.homeroom(district="tiny", now="2026-09-01T06:00:00Z")
scenarios("ours.feature")


@then(parsers.parse("it is {day}"))
def it_is(homeroom_space, day):
    assert homeroom_space.now.date().isoformat() == day


@then(parsers.parse("a token is refused with {status:d}"))
def refused(homeroom_space, status):
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(homeroom_space.document["oneroster"]["token_url"], b"x=1")
    caught.value.close()
    assert caught.value.code == status
"""


def test_steps_of_days_faults_clock_and_snapshots(tmp_path: Path) -> None:
    (tmp_path / "ours.feature").write_text(FEATURE, encoding="utf-8")
    (tmp_path / "test_ours.py").write_text(SUITE, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(
        'pytest_plugins = ["homeroom.gherkin_steps"]\n', encoding="utf-8"
    )
    command = [sys.executable, "-m", "pytest", "-p", "homeroom", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, str(tmp_path)],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr
