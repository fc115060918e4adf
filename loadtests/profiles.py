"""Load profiles: files that say who does what to whom, read into types."""

import difflib
import hashlib
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from homeroom.loadtests.operations import OPERATIONS

T = TypeVar("T", bound=msgspec.Struct)

FOLDER = Path(__file__).with_name("profiles")
LIMITS_FILE = Path(__file__).with_name("limits.toml")

Positive = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
Amount = Annotated[float, msgspec.Meta(gt=0)]


class LoadError(RuntimeError):
    """The run cannot be made; the text says why and what to do."""


class Kind(StrEnum):
    """What a user is: a module of `users/`."""

    EXTRACT = "extract"
    DELTA = "delta"
    GRADES = "grades"
    TOKENS = "tokens"
    PAGING = "paging"
    NIGHTS = "nights"


class Users(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who loads the target."""

    kind: Kind
    per_district: Positive = 1
    operations: tuple[str, ...]
    page_limit: Positive = 1000
    concurrency: Positive = 1
    """Endpoints that an extract reads at a time; the pages of one are never read side by side."""
    rounds: Positive = 1
    pause_s: Seconds = 0
    """Between two rounds of a user."""
    pages: Positive = 20
    """Of `paging`: how many, spread over a collection."""
    schools: Positive = 1
    changes: Positive = 1
    """Of `delta`: students that each school moves in a round."""
    line_items: Positive = 1
    """Of `grades`: assignments a teacher syncs."""
    spawn_per_s: Annotated[float, msgspec.Meta(gt=0)] = 100
    runs_for_s: Amount | None = None
    """Users begin no further round after so long; without it, all their rounds are done."""
    deadline_s: Amount
    """The run is stopped, and has failed, when it takes longer."""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many users until this second of the run; after the last step, as many as there are."""

    until_s: Amount
    users: Positive


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way of loading a target."""

    about: str
    source: str
    """Where the shape comes from, and what in it is our assumption."""
    districts: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """Districts of our fakes, dealt out in turn to the spaces."""
    spaces: Positive = 1
    now: str | None = None
    writes: bool = False
    """Whether it writes: such a profile is for our own fakes alone."""
    users: Users
    shape: tuple[Step, ...] = ()
    name: str = ""

    @property
    def total_users(self) -> int:
        """Users at the peak."""
        return self.users.per_district * self.spaces

    @property
    def digest(self) -> str:
        """What tells this profile, with its changes, from another."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run must keep to; None is not asked. `limits.toml` says what each one means."""

    p50_ms: Amount | None = None
    p95_ms: Amount | None = None
    p99_ms: Amount | None = None
    error_share: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    records_per_s: Amount | None = None
    window_minutes: Amount | None = None
    depth_ratio: Amount | None = None
    memory_growth_mb_per_min: Amount | None = None


def list_profiles() -> list[str]:
    """Return the names of the profiles that come with Homeroom."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_profile(what: str) -> Profile:
    """Read a profile by its name, or from a TOML file of one's own. Raises LoadError."""
    path = Path(what)
    if path.suffix != ".toml":
        path = FOLDER / f"{what}.toml"
        if path.parent != FOLDER or not path.is_file():
            raise LoadError(
                f"there is no profile {what!r}; there are: {', '.join(list_profiles())}; "
                "a file of your own ends in .toml"
            )
    profile = msgspec.structs.replace(_read(path, Profile), name=path.stem)
    _check_operations(profile, path)
    steps = [step.until_s for step in profile.shape]
    if steps != sorted(set(steps)):
        raise LoadError(f"{path.name}: shape: until_s must rise from step to step, got {steps}")
    if profile.shape and profile.shape[-1].users > profile.total_users:
        raise LoadError(
            f"{path.name}: shape: {profile.shape[-1].users} users are more than the "
            f"{profile.total_users} of users.per_district and spaces"
        )
    return profile


def _check_operations(profile: Profile, path: Path) -> None:
    kind = profile.users.kind
    known = sorted(name for name, operation in OPERATIONS.items() if kind in operation.kinds)
    if not profile.users.operations:
        raise LoadError(f"{path.name}: users.operations: names none; allowed: {', '.join(known)}")
    for name in profile.users.operations:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1) or known
            reason = f"is nothing that users of kind {kind} do" if name in OPERATIONS else "unknown"
            raise LoadError(
                f"{path.name}: users.operations: {name!r} {reason}; did you mean {close[0]}? "
                f"allowed: {', '.join(known)}"
            )


def read_limits(profile: Profile, path: Path | None = None) -> Limits:
    """Read a profile's limits from the one file of all limits. Raises LoadError."""
    chosen = path or LIMITS_FILE
    raw = _load(chosen)
    if profile.name not in raw:
        raise LoadError(f"{chosen}: has no [{profile.name}]; there are: {', '.join(raw)}")
    return _convert(chosen, raw[profile.name], Limits, f"[{profile.name}] ")


def _read(path: Path, kind: type[Profile]) -> Profile:
    return _convert(path, _load(path), kind)


def _convert(path: Path, raw: Any, kind: type[T], where: str = "") -> T:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        known = ""
        if "unknown field" in str(error):
            inner = Users if "$.users" in str(error) else Step if "$.shape" in str(error) else kind
            known = f"; there are: {', '.join(each.name for each in msgspec.structs.fields(inner))}"
        raise LoadError(f"{path}: {where}{error}{known}") from None


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LoadError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LoadError(f"{path}: is no TOML: {error}") from None
