"""The way of a district: every step in its turn."""

import itertools

import pytest

from homeroom.reference.onboarding.stages import (
    Stage,
    StageError,
    check_forward,
    next_stage,
    path_of,
    stage_before,
)


@pytest.mark.parametrize("converting", [False, True])
def test_only_the_next_step_is_taken(converting: bool) -> None:
    path = path_of(converting=converting)
    allowed: list[tuple[Stage, Stage]] = []
    for stage, wanted in itertools.product(Stage, Stage):
        try:
            check_forward(stage, wanted, converting=converting)
        except StageError:
            continue
        allowed.append((stage, wanted))
    expected = set(itertools.pairwise(path))
    if not converting:
        # Evaluated while it still counted as converting.
        expected.add((Stage.EVALUATED, Stage.PROVISIONING))
    assert set(allowed) == expected


@pytest.mark.parametrize("converting", [False, True])
def test_passback_never_comes_before_provisioning(converting: bool) -> None:
    for stage in Stage:
        if stage is not Stage.PROVISIONING:
            with pytest.raises(StageError):
                check_forward(stage, Stage.PASSBACK, converting=converting)


def test_refusal_names_what_comes_first() -> None:
    with pytest.raises(StageError, match="next is evaluated, which needs an evaluation"):
        check_forward(Stage.CONNECTED, Stage.PROVISIONING, converting=True)
    with pytest.raises(StageError, match="does not convert"):
        check_forward(Stage.CONNECTED, Stage.EVALUATED, converting=False)
    with pytest.raises(StageError, match="already"):
        check_forward(Stage.PASSBACK, Stage.PROVISIONING, converting=False)


def test_way_ends_and_goes_back_a_step_at_a_time() -> None:
    assert next_stage(Stage.PASSBACK, converting=False) is None
    assert stage_before(Stage.PASSBACK, converting=True) is Stage.PROVISIONING
    assert stage_before(Stage.PROVISIONING, converting=True) is Stage.EVALUATED
    assert stage_before(Stage.PROVISIONING, converting=False) is Stage.CONNECTED
