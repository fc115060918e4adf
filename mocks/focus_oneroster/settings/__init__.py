"""The provider's settings and quirks, each with its type, default and source.

A source in brackets is a tag of the OneRoster reference or of the Focus reference under facts/;
"inferred" marks what no source says, so that a reader knows what may be changed when one does.
"""

from collections.abc import Mapping
from typing import Any

from homeroom.mocks.focus_oneroster.settings.provider import PROVIDER_SETTINGS
from homeroom.mocks.focus_oneroster.settings.setting import Setting, Value
from homeroom.mocks.focus_oneroster.settings.surprises import QUIRK_SETTINGS

SETTINGS: Mapping[str, Setting] = {
    setting.name: setting for setting in (*PROVIDER_SETTINGS, *QUIRK_SETTINGS)
}


class Settings:
    """The settings of one space, read as attributes of their names."""

    def __init__(self) -> None:
        self._values: dict[str, Value] = {
            name: setting.default for name, setting in SETTINGS.items()
        }
        self.version = 0

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(name) from None

    def change(self, values: Mapping[str, Value]) -> None:
        """Set values that were checked."""
        self._values.update(values)
        self.version += 1

    def describe(self) -> dict[str, Any]:
        """Return every setting with its value, type, default and source, by name."""
        return {
            name: {
                "name": name,
                "value": self._values[name],
                "type": setting.type,
                "choices": list(setting.choices),
                "nullable": setting.nullable,
                "default": setting.default,
                "about": setting.about,
                "source": setting.source,
            }
            for name, setting in SETTINGS.items()
        }


__all__ = ["SETTINGS", "Setting", "Settings"]
