"""R1: killed anywhere and started again, both worlds are as after an undisturbed run.

The runs that are killed: a first night, a night with changes, a first grade sync, and one with
changes. Each is killed before and after requests to its peers, before it touches files of its
state, and at odd times; then started again, and compared with the same run left alone.
"""

import random
from collections.abc import Callable, Iterator

import pytest

from checks.kill_stage import Stage, Undisturbed
from checks.killing import Kill
from checks.support import Up

ACTS = ("first night", "second night", "first sync", "second sync")
QUICK_FILES, QUICK_READS = 2, 1
LONG_TIMES = 25
DICE = random.Random(7)  # noqa: S311 - seeded dice, no secret
STEPS = DICE.sample(range(1, 200), 60)
"""Where kills of the short set strike: places counted round the run's own number of them."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Up("--district", "empty") as up:
        made = Stage(up, tmp_path_factory.mktemp("killed"))
        yield made
        made.close()


def _spread(count: int, places: int) -> list[int]:
    """Choose so many of the places, the same every time."""
    return sorted({step % places + 1 for step in STEPS[:count]}) if places else []


Choose = Callable[[Undisturbed], list[Kill]]


def around_writes(was: Undisturbed) -> list[Kill]:
    """Before and after the first and the last write, and in the middle of a reading."""
    first_and_last = sorted({was.writes[0], was.writes[-1]})
    kills = [Kill(before_request=number) for number in first_and_last]
    kills += [Kill(after_request=number) for number in first_and_last]
    return kills + [Kill(after_request=n) for n in _spread(QUICK_READS, len(was.requests))]


def at_files(was: Undisturbed) -> list[Kill]:
    """Before some of the things it does to files."""
    return [Kill(file_act=number) for number in _spread(QUICK_FILES, len(was.file_acts))]


@pytest.mark.parametrize("act", ACTS)
def test_killed_around_its_writes_a_run_starts_again_and_nothing_is_done_twice(
    stage: Stage, act: str
) -> None:
    for kill in around_writes(stage.runs[act]):
        stage.kill(act, kill)


@pytest.mark.parametrize("act", ACTS)
def test_killed_while_it_writes_its_state_a_run_starts_again(stage: Stage, act: str) -> None:
    for kill in at_files(stage.runs[act]):
        stage.kill(act, kill)


def test_killed_again_while_it_recovers_a_run_still_comes_to_the_same_end(stage: Stage) -> None:
    for act in ("second night", "second sync"):
        first = stage.runs[act].writes[0]
        stage.kill(act, Kill(after_request=first), Kill(file_act=2), Kill(before_request=3))


@pytest.mark.long
@pytest.mark.parametrize("act", ACTS)
def test_killed_before_and_after_every_request(stage: Stage, act: str) -> None:
    for number in range(1, len(stage.runs[act].requests) + 1):
        stage.kill(act, Kill(before_request=number))
        stage.kill(act, Kill(after_request=number))


@pytest.mark.long
@pytest.mark.parametrize("act", ACTS)
def test_killed_before_everything_it_does_to_files(stage: Stage, act: str) -> None:
    for number in range(1, len(stage.runs[act].file_acts) + 1):
        stage.kill(act, Kill(file_act=number))


@pytest.mark.long
@pytest.mark.parametrize("act", ACTS)
def test_killed_at_any_moment_once_or_several_times(stage: Stage, act: str) -> None:
    took_s = stage.runs[act].took_s
    for _ in range(LONG_TIMES):
        kills = [Kill(after_s=DICE.uniform(0.05, took_s)) for _ in range(DICE.randint(1, 3))]
        stage.kill(act, *kills)
