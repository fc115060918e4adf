"""Waivers are checked before the first request."""

from datetime import date

import pytest

from homeroom.certify.requirement_set import RequirementSet
from homeroom.certify.testing import a_requirement, a_waiver
from homeroom.certify.waivers import check_waivers
from homeroom.config import ConfigError

SET = RequirementSet(
    id="focus-canvas-1.1",
    version="2026.1",
    sha256="",
    requirements={"PRV-ENR-01": a_requirement()},
)
TODAY = date(2027, 1, 31)


def test_waiver_is_good_on_its_last_day() -> None:
    check_waivers([a_waiver(expires=TODAY)], SET, today=TODAY)


def test_expired_waiver_is_refused() -> None:
    with pytest.raises(ConfigError, match="the waiver of PRV-ENR-01 expired on 2027-01-30"):
        check_waivers([a_waiver(expires=date(2027, 1, 30))], SET, today=TODAY)


def test_waiver_of_an_unknown_requirement_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"PRV-ENR-99 is no requirement of focus-canvas-1\.1"):
        check_waivers([a_waiver("PRV-ENR-99")], SET, today=TODAY)


def test_second_waiver_of_a_requirement_is_refused() -> None:
    with pytest.raises(ConfigError, match="two waivers of PRV-ENR-01"):
        check_waivers([a_waiver(), a_waiver()], SET, today=TODAY)
