"""A package that is refused."""

from pathlib import Path

import pytest

from homeroom.mocks.district import DistrictError, load_district
from homeroom.mocks.district.tests.packages import NOW, Files, Refused, pack, sound


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """Change a sound package, and return the problems for which it is refused."""

    def problems(changed: Files | None = None, *, without: str | None = None) -> tuple[str, ...]:
        files = sound() | (changed or {})
        if without:
            del files[without]
        with pytest.raises(DistrictError) as refusal:
            load_district(str(pack(tmp_path / "roster.zip", files)), seed=1, now=NOW)
        assert str(refusal.value).startswith("roster.zip is refused, nothing was loaded; ")
        assert all(problem in str(refusal.value) for problem in refusal.value.problems)
        return refusal.value.problems

    return problems
