"""What is wrong with a package, collected: one reading names everything there is to mend."""

from homeroom.mocks.district.district import DistrictError

SHOWN = 20


class Problems:
    """Problems found so far; the first ones are kept, all are counted."""

    def __init__(self, package: str, *, checked: bool = True) -> None:
        """Collect the problems of `package`; unchecked, nothing counts as one."""
        self.package = package
        self.count = 0
        self._shown: list[str] = []
        self._checked = checked

    def add(
        self, text: str, *, file: str = "", line: int | None = None, column: str | None = None
    ) -> None:
        """Note a problem: where it is, what it is, how to mend it."""
        if not self._checked:
            return
        self.count += 1
        if len(self._shown) < SHOWN:
            place = [file] if file else []
            place += [f"line {line}"] if line is not None else []
            place += [f"column {column}"] if column is not None else []
            self._shown.append(f"{', '.join(place)}: {text}" if place else text)

    def raise_if_any(self) -> None:
        """Raise DistrictError with everything found so far."""
        if not self.count:
            return
        many = "1 problem" if self.count == 1 else f"{self.count} problems"
        lines = [f"{self.package} is refused, nothing was loaded; {many}:"]
        lines += [f"  {problem}" for problem in self._shown]
        if self.count > len(self._shown):
            lines.append(f"  and {self.count - len(self._shown)} more")
        raise DistrictError("\n".join(lines), problems=tuple(self._shown), count=self.count)
