"""Settings of a Canvas space: account settings and feature flags by Canvas's names, and our own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.mocks.canvas.store import CanvasStore


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting: what it is called, what it may hold, where it comes from."""

    name: str
    default: Any
    kind: str
    """inherited (account setting with value and lock), root (a plain one), flag or own."""
    choices: tuple[Any, ...] = ()
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    source: str

    def check(self, value: Any) -> str | None:
        """Return why `value` will not do, or None."""
        if value is None:
            return None if self.nullable else "must not be null"
        if self.choices:
            shown = ", ".join(repr(choice) for choice in self.choices)
            return None if value in self.choices else f"must be one of {shown}"
        if isinstance(self.default, bool):
            return None if isinstance(value, bool) else "must be true or false"
        if isinstance(self.default, str):
            return None if isinstance(value, str) else "must be a string"
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "must be a number"
        if isinstance(self.default, int) and not isinstance(value, int):
            return "must be a whole number"
        if self.minimum is not None and value < self.minimum:
            return f"must be at least {self.minimum:g}"
        if self.maximum is not None and value > self.maximum:
            return f"must be at most {self.maximum:g}"
        return None


_REST = "canvas-rest-api.md"
_SIS = "canvas-sis-imports.md"
REGISTRY: tuple[Setting, ...] = (
    Setting(name="allow_sis_import", default=True, kind="root", source=f"{_SIS} 1"),
    Setting(name="sis_syncing", default=True, kind="inherited", source=f"{_REST} 4.1"),
    Setting(
        name="sis_default_grade_export", default=False, kind="inherited", source=f"{_REST} 4.1"
    ),
    Setting(
        name="sis_require_assignment_due_date", default=False, kind="inherited",
        source=f"{_REST} 4.1",
    ),
    Setting(
        name="sis_assignment_name_length", default=False, kind="inherited", source=f"{_REST} 4.1"
    ),
    Setting(
        name="sis_assignment_name_length_input", default="255", kind="inherited",
        source=f"{_REST} 4.1",
    ),
    Setting(name="sis_name", default="SIS", kind="root", source=f"{_REST} 4.1"),
    Setting(
        name="disable_post_to_sis_when_grading_period_closed", default=False, kind="root",
        source=f"{_REST} 4.1",
    ),
    Setting(name="new_sis_integrations", default=True, kind="flag", source=f"{_REST} 4.1"),
    Setting(name="bulk_sis_grade_export", default=True, kind="flag", source=f"{_REST} 8.1"),
    Setting(name="final_grades_override", default=True, kind="flag", source=f"{_REST} 5.3"),
    Setting(
        name="api_auth_error_updates", default=True, kind="flag",
        source=f"{_REST} 2: refusals for want of rights are 403, else 401",
    ),
    Setting(
        name="throttling", default="403", kind="own", choices=("403", "429", "off"),
        source=f"{_REST} 1.3",
    ),
    Setting(
        name="throttle_outflow_per_s", default=10.0, kind="own", minimum=0,
        source=f"{_REST} 1.3",
    ),
    Setting(
        name="throttle_high_water_mark", default=600.0, kind="own", minimum=1,
        source=f"{_REST} 1.3",
    ),
    Setting(
        name="throttle_maximum", default=800.0, kind="own", minimum=1, source=f"{_REST} 1.3"
    ),
    Setting(
        name="throttle_upfront_cost", default=50.0, kind="own", minimum=0, source=f"{_REST} 1.3"
    ),
    Setting(
        # So low that a caller who asks one request after the other never fills the bucket,
        # however fast the fake is and long a frozen clock lets nothing leak.
        name="request_cost", default=0.01, kind="own", minimum=0,
        source="ours: what each request costs in the end, the same for all so that runs repeat",
    ),
    Setting(
        name="per_page_max", default=100, kind="own", minimum=1, maximum=1_000_000,
        source=f"{_REST} 1.2 (hosted Canvas allows 100: inferred)",
    ),
    Setting(
        name="import_rows_per_s", default=1.0, kind="own", nullable=True, minimum=0.001,
        source="ours: how fast imports go by the space's clock; null is as fast as we can",
    ),
    Setting(
        name="import_abort_pause_s", default=600, kind="own", minimum=0, source=f"{_SIS} 2"
    ),
    Setting(
        name="sis_import_missing_attachment", default="400", kind="own",
        choices=("400", "body"),
        source=f"{_SIS} 1.1: newer Canvas refuses; in 2022 the form itself became the file",
    ),
    Setting(
        name="course_empty_date_cell", default="clears", kind="own", choices=("clears", "keeps"),
        source=f"{_SIS} 7.4: cleared in source and specs, kept by the documentation of 2026",
    ),
    Setting(
        name="diff_several_files", default="pairs", kind="own", choices=("pairs", "whole"),
        source=f"{_SIS} 5.4: newer Canvas pairs several files by name, older applies them whole",
    ),
    Setting(
        name="diff_counts_threshold_failures", default=True, kind="own",
        source=f"{_SIS} 5.10: after five in a row over the threshold imports fail (wording ours)",
    ),
    Setting(
        name="restore_course_of_deleted_account", default="refused", kind="own",
        choices=("refused", "applied"), source=f"{_SIS} 7.4: newer Canvas refuses such a row",
    ),
    Setting(
        name="enrollment_in_deleted_course", default="applied", kind="own",
        choices=("applied", "refused"),
        source=f"{_SIS} 7.6: the importer has no check; a model's may refuse all the same",
    ),
)  # fmt: skip
BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in REGISTRY}
ALIASES: Mapping[str, str] = {"post_grades": "bulk_sis_grade_export"}
# A fresh space sets no import rate: `default` above only tells the type.
_FRESH: Mapping[str, Any] = {"import_rows_per_s": None}


class CanvasSettings:
    """Present values. Account settings live on the root account, where REST changes them too."""

    def __init__(self, store: CanvasStore) -> None:
        self._store = store
        self._own: dict[str, Any] = {}
        for setting in REGISTRY:
            self._set(setting, _FRESH.get(setting.name, setting.default))

    def _set(self, setting: Setting, value: Any) -> None:
        account = self._store.root_account
        match setting.kind:
            case "inherited":
                held = account.settings.get(setting.name, {})
                account.settings[setting.name] = {
                    "value": value,
                    "locked": bool(held.get("locked", False)),
                }
            case "root":
                account.settings[setting.name] = value
            case _:
                self._own[setting.name] = value

    def __getitem__(self, name: str) -> Any:
        """Return a setting of the root account, a flag or one of our own."""
        setting = BY_NAME[ALIASES.get(name, name)]
        match setting.kind:
            case "inherited":
                return self._store.root_account.settings[setting.name]["value"]
            case "root":
                return self._store.root_account.settings[setting.name]
            case _:
                return self._own[setting.name]

    def of_account(self, account_id: int, name: str) -> Any:
        """Return an inherited account setting as it applies to an account.

        The account's own value counts unless one above it is locked; the topmost lock wins.
        """
        chain = list(self._store.account_chain(account_id))
        own: Any = None
        found = False
        for account in chain:
            held = account.settings.get(name)
            if held is None:
                continue
            if not found:
                own, found = held["value"], True
            elif held.get("locked"):
                own = held["value"]
        return own if found else self[name]

    def patch(self, changes: Mapping[str, Any]) -> None:
        """Change settings whose names and values were checked."""
        for name, value in changes.items():
            self._set(BY_NAME[ALIASES.get(name, name)], value)

    def as_dict(self) -> dict[str, Any]:
        """Return every setting by name, aliases included."""
        return {setting.name: self[setting.name] for setting in REGISTRY} | {
            alias: self[name] for alias, name in ALIASES.items()
        }


INHERITED_NAMES: frozenset[str] = frozenset(
    setting.name for setting in REGISTRY if setting.kind == "inherited"
)
ROOT_NAMES: frozenset[str] = frozenset(
    setting.name for setting in REGISTRY if setting.kind == "root"
)


def unknown_names(changes: Mapping[str, Any]) -> list[str]:
    """Return the names among some changes that are no settings."""
    return sorted(name for name in changes if ALIASES.get(name, name) not in BY_NAME)


def settings_error(name: str, value: Any) -> str | None:
    """Return why a known setting cannot hold a value, or None."""
    return BY_NAME[ALIASES.get(name, name)].check(value)
