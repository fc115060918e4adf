"""The Canvas fake: reading enrollments.csv in (P9), and what a million enrollments weigh (P5)."""

import csv
import io
import time
import zipfile
from urllib.request import Request, urlopen

import orjson

from checks.bench.drive import anonymous_mb
from checks.bench.measure import Asked, Bar, Found, Series, at_most, interleave
from checks.support import Up

NOW = "2026-09-01T06:00:00Z"
ROWS = 100_000
MILLION = 1_000_000
SEATS = 100
"""Enrollments a section."""


def roster(rows: int) -> bytes:
    """Write a zip of everything that so many enrollments need, but the enrollments."""
    sections = rows // SEATS
    files = {
        "courses.csv": "course_id,short_name,long_name,status\n"
        + "".join(f"c{number},C{number},Course {number},active\n" for number in range(sections)),
        "sections.csv": "section_id,course_id,name,status\n"
        + "".join(f"s{number},c{number},Section {number},active\n" for number in range(sections)),
        "users.csv": "user_id,login_id,first_name,last_name,status\n"
        + "".join(f"u{number},u{number},Ana,Ruiz,active\n" for number in range(rows // 7 + SEATS)),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def enrollments(rows: int) -> str:
    """Write enrollments.csv: every pupil in seven sections."""
    people = rows // 7 + SEATS
    lines = [
        f"s{number // SEATS},u{(number * 7919) % people},student,active,2026-08-10,2026-12-19\n"
        for number in range(rows)
    ]
    return "section_id,user_id,role,status,start_date,end_date\n" + "".join(lines)


def send(up: Up, body: bytes, content_type: str) -> float:
    """Import a file and return the seconds until Canvas is done with it."""
    canvas = up.document["canvas"]
    url = f"{canvas['base_url']}/api/v1/accounts/self/sis_imports"
    headers = {"Authorization": f"Bearer {canvas['token']}", "Content-Type": content_type}
    began = time.perf_counter()
    with urlopen(Request(url, body, headers)) as answer:  # noqa: S310
        batch = orjson.loads(answer.read())
    while batch["workflow_state"] in ("initializing", "created", "importing", "cleanup_batch"):
        time.sleep(0.02)
        with urlopen(Request(f"{url}/{batch['id']}", headers=headers)) as answer:  # noqa: S310
            batch = orjson.loads(answer.read())
    if batch["workflow_state"] != "imported":
        raise AssertionError(f"the import ended {batch['workflow_state']}: {batch}")
    return time.perf_counter() - began


def run(asked: Asked) -> Found:
    """Measure P9 and P5 for Canvas."""
    text = enrollments(ROWS)
    body = text.encode()
    base_zip = roster(ROWS)

    def ours() -> float:
        with Up("--district", "empty", "--now", NOW, validate="off") as up:
            send(up, base_zip, "application/zip")
            return ROWS / send(up, body, "text/csv")

    def bare() -> float:
        began = time.perf_counter()
        count = sum(1 for _ in csv.DictReader(io.StringIO(text)))
        return count / (time.perf_counter() - began)

    names = ("Canvas: enrollments imported/s", "bare csv.DictReader loop: rows/s")
    found = interleave(dict(zip(names, (ours, bare), strict=True)), rounds=asked.rounds)
    ratio = found[names[0]].median / found[names[1]].median
    weighed = weigh(asked.many)
    bars = [
        Bar(id="P9", text="Canvas import / bare DictReader", needed=0.1, ratio=ratio),
        at_most("P5 Canvas", "anonymous MB a million", weighed, 400),
    ]
    weight = Series("Canvas: anonymous MB for a million", (weighed,))
    return Found(bars=bars, series=[*found.values(), weight])


def weigh(rows: int) -> float:
    """Return the anonymous MB a million that enrollments add, people and sections included."""
    with Up("--district", "empty", "--now", NOW, validate="off") as up:
        before = anonymous_mb(up.process.pid)
        send(up, roster(rows), "application/zip")
        send(up, enrollments(rows).encode(), "text/csv")
        return (anonymous_mb(up.process.pid) - before) * MILLION / rows
