"""A night of the reference service: speed (P3), growth (P4), memory (P5), quiet nights (P7)."""

import http.client
import itertools
import json
import math
import shutil
import statistics
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from checks.bench.measure import (
    Asked,
    Bar,
    Found,
    Series,
    Spent,
    at_most,
    interleave,
    spend,
    timed,
)
from checks.support import Up, subject_environment
from checks.worlds import control
from homeroom.certify.control import ControlClient, SpaceHandle

NOW, NEXT = "2026-09-15T06:00:00Z", "2026-09-16T06:00:00Z"
COLLECTIONS = ("orgs", "academicSessions", "users", "enrollments", "courses", "classes")
PAGE = 5_000
REFUSED = 2
"""How a night ends whose import Canvas refuses."""


@dataclass
class Size:
    """A district of so many enrollments, and what reading it took, round by round."""

    enrollments: int
    nights: list[Spent] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def cpu_s(self) -> float:
        """Median CPU seconds of a night up to the zip."""
        return statistics.median(night.cpu_s for night in self.nights)

    @property
    def peak_mb(self) -> float:
        """Median of the most memory a night had."""
        return statistics.median(night.peak_mb for night in self.nights)


def run(asked: Asked) -> Found:
    """Measure P3, P4, P5 of the service, and P7."""
    found = growth(asked)
    for part in (little_change(asked), whole(asked)):
        found.bars += part.bars
        found.series += part.series
    return found


def whole(asked: Asked) -> Found:
    """Run the first night of `small` to its verified end, in turns with the bare loop."""
    with Up("--district", "small", "--now", NOW, validate="off") as up:
        records = bare_loop(up.document["oneroster"])

        def night() -> float:
            _space(up).reset()
            with _folder() as folder:
                began = time.perf_counter()
                _applied(up, folder, NOW)
                return records / (time.perf_counter() - began)

        def bare() -> float:
            return timed(lambda: bare_loop(up.document["oneroster"]))

        names = ("provision small, process start to verified: records/s", "bare loop: records/s")
        found = interleave(dict(zip(names, (night, bare), strict=True)), rounds=asked.rounds)
    ratio = found[names[0]].median / found[names[1]].median
    bar = Bar(id="night-small", text="provision to verified / bare loop", ratio=ratio, needed=0.3)
    return Found(bars=[bar], series=list(found.values()))


def growth(asked: Asked) -> Found:
    """Read districts of several sizes to the zip, in turns with a bare loop over the same pages.

    Canvas refuses the import with a 400: what it would take to apply is not the reader's.
    """
    small = 50_000 if asked.quick else 100_000
    sizes = [Size(small), Size(asked.many), *([Size(3_000_000)] if asked.stress else [])]
    for size in sizes:
        with Up(
            "--district", f"enrollments={size.enrollments}", "--now", NOW, validate="off"
        ) as up:
            bare_loop(up.document["oneroster"])  # fills the fake's caches, once
            for _ in range(asked.rounds):
                _round(up, size)
    big = sizes[1]
    base = sizes[0]
    steps = [
        math.log(after.cpu_s / before.cpu_s) / math.log(after.enrollments / before.enrollments)
        for before, after in itertools.pairwise(sizes)
    ]
    slope = max(
        (each.peak_mb - base.peak_mb) / (each.enrollments - base.enrollments) * 1e6
        for each in sizes[1:]
    )
    bars = [
        Bar(
            id="P3",
            text=f"read to zip / bare http.client + orjson loop, {big.enrollments:,} enrollments",
            ratio=statistics.median(big.rates) / statistics.median(big.bare),
            needed=0.8,
        ),
        at_most("P4", f"CPU growth exponent from {base.enrollments:,} on", max(steps), 1.10),
        at_most("P5 service", "peak MB a million enrollments more", slope, 30),
    ]
    series = [
        Series(f"{what}, {size.enrollments:,} enrollments", tuple(figures))
        for size in sizes
        for what, figures in (
            ("provision to zip: records/s", size.rates),
            ("bare loop: records/s", size.bare),
            ("provision to zip: CPU s", [night.cpu_s for night in size.nights]),
            ("provision: peak MB", [night.peak_mb for night in size.nights]),
        )
    ]
    curves = {
        "CPU seconds of a night, read to zip": [(float(s.enrollments), s.cpu_s) for s in sizes],
        "Peak memory of a night, MB": [(float(s.enrollments), s.peak_mb) for s in sizes],
    }
    notes = [] if asked.stress else ["3,000,000 enrollments are measured with --stress"]
    return Found(bars=bars, series=series, curves=curves, notes=notes)


def _round(up: Up, size: Size) -> None:
    began = time.perf_counter()
    records = bare_loop(up.document["oneroster"])
    size.bare.append(records / (time.perf_counter() - began))
    space = _space(up)
    space.clear_faults()
    space.add_fault(
        {
            "when": {"fake": "canvas", "operation": "createSisImport"},
            "act": {"kind": "status", "status": 400},
        }
    )
    with _folder() as folder:
        night = provision(up, folder, NOW, delta=False)
        if night.code != REFUSED:
            raise SystemExit(f"provision ended with {night.code}: {night.err}{night.out}")
        if not next(folder.glob("state/provisioning/runs/*/import.zip"), None):
            raise SystemExit(f"provision wrote no zip: {night.err}")
    space.clear_faults()
    size.nights.append(night)
    size.rates.append(records / night.seconds)


def little_change(asked: Asked) -> Found:
    """P7: a whole first night, and the next, of which one enrollment in a hundred is changed."""
    changed_s: list[float] = []
    quiet_s: list[float] = []
    full_s: list[float] = []
    with Up("--district", f"enrollments={asked.many}", "--now", NOW, validate="off") as up:
        bare_loop(up.document["oneroster"])
        for number in range(1 if asked.quick else min(asked.rounds, 3)):
            with _folder() as folder:
                _space(up).reset()
                full_s.append(_applied(up, folder, NOW))
                control(up.document, "POST", "/clock/advance", {"seconds": 86_400})
                change_one_in_a_hundred(up, number)
                changed_s.append(_applied(up, folder, NEXT))
                quiet_s.append(_applied(up, folder, NEXT.replace("T06", "T09")))
    full = Series(f"first night, {asked.many:,} enrollments: CPU s", tuple(full_s))
    changed = Series("delta night with 1 % changed: CPU s", tuple(changed_s))
    quiet = Series("delta night with nothing changed: CPU s", tuple(quiet_s))
    ratio = changed.median / full.median
    bar = at_most("P7", "CPU, night with 1 % changed / full night", ratio, 0.10)
    return Found(bars=[bar], series=[full, changed, quiet])


def _applied(up: Up, folder: Path, now: str) -> float:
    night = provision(up, folder, now, delta=True)
    if night.code not in {0, 1}:
        raise SystemExit(f"provision ended with {night.code}: {night.err}{night.out}")
    return night.cpu_s


def change_one_in_a_hundred(up: Up, salt: int) -> int:
    """Give every hundredth enrollment another last day, and return how many there were."""
    access, base = up.document["control"], urlsplit(up.document["control"]["url"])
    connection = http.client.HTTPConnection(base.hostname or "", base.port or 80)
    headers = {"Authorization": f"Bearer {access['token']}", "Content-Type": "application/json"}
    where = f"{base.path}/spaces/{up.document['space']}/focus/enrollments"
    changed = 0
    for rows in pages(up.document["oneroster"], "enrollments"):
        for row in rows[7::100]:
            del row["dateLastModified"]
            row["endDate"] = f"2026-12-{10 + (changed + salt) % 15}"
            body = orjson.dumps({"enrollment": row})
            connection.request("PUT", f"{where}/{row['sourcedId']}", body, headers)
            answer = connection.getresponse()
            told = answer.read()
            if answer.status not in {200, 201}:
                raise SystemExit(f"changing an enrollment: {answer.status} {told[:300]!r}")
            changed += 1
    connection.close()
    return changed


def provision(up: Up, folder: Path, now: str, *, delta: bool) -> Spent:
    """Run one night with pages of 5,000."""
    config = folder / "homeroom.toml"
    settings = f"[service]\npage_size = {PAGE}\ndelta = {json.dumps(delta)}\n"
    config.write_text(settings, encoding="utf-8")
    env = subject_environment(up.document, now=now, state_dir=folder / "state")
    return spend("provision", "--json", "--config", str(config), env=env, folder=folder)


@contextmanager
def _folder() -> Generator[Path]:
    """Lend a folder that is gone afterwards, whatever was left in it."""
    path = Path(tempfile.mkdtemp(prefix="homeroom-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _space(up: Up) -> SpaceHandle:
    access = up.document["control"]
    return SpaceHandle(ControlClient(access["url"], access["token"]), up.document)


def pages(oneroster: dict[str, str], collection: str) -> Iterator[list[dict[str, object]]]:
    """Yield a collection's pages as the service asks for them, with http.client and orjson."""
    base = urlsplit(oneroster["base_url"])
    connection = http.client.HTTPConnection(base.hostname or "", base.port or 80)
    secret = f"client_id={oneroster['client_id']}&client_secret={oneroster['client_secret']}"
    connection.request(
        "POST",
        urlsplit(oneroster["token_url"]).path,
        f"grant_type=client_credentials&{secret}",
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    token = orjson.loads(connection.getresponse().read())["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    for offset in itertools.count(0, PAGE):
        query = f"limit={PAGE}&sort=sourcedId&orderBy=asc&offset={offset}"
        connection.request("GET", f"{base.path}/{collection}?{query}", headers=headers)
        rows = orjson.loads(connection.getresponse().read())[collection]
        yield rows
        if len(rows) < PAGE:
            break
    connection.close()


def bare_loop(oneroster: dict[str, str]) -> int:
    """Page through the whole district with http.client and orjson, and nothing else."""
    return sum(len(rows) for collection in COLLECTIONS for rows in pages(oneroster, collection))
