"""Takes the pictures of the console that stand in README and docs: wide, in the dark, 400 px wide.

`python -m checks.pictures [--out DIR]` plays one scene on a stage of its own and needs a Chromium;
exit 0 taken, 2 no browser.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser

from checks.browsing import chromium, find_chromium
from checks.support import ROOT, Up, homeroom, subject_environment
from checks.worlds import canvas, control

NOW = "2026-09-14T06:00:00Z"
MESSAGES = b"user_id,login_id,full_name,status\n,nobody,No Body,active\nu-3,%s,Ben Okafor,active\n"
Scheme = Literal["light", "dark"]
PICTURES: Sequence[tuple[str, int, int, Scheme]] = (
    ("console.png", 1280, 1180, "light"),
    ("console-dark.png", 1280, 1180, "dark"),
    ("console-narrow.png", 400, 1180, "light"),
)


def play(up: Up, state: Path) -> str:
    """Live a night, let a person disagree with it, set faults; return the pupil to look at."""
    document = up.document
    env = subject_environment(document, now=NOW, state_dir=state)
    done = homeroom("provision", env=env)
    if done.code:
        raise RuntimeError(done.err)
    students = canvas(document, "GET", "/accounts/1/users?enrollment_type=student&per_page=100")
    pupil: dict[str, Any] = next(each for each in students.json() if not each["name"].isascii())
    plain = pupil["name"].encode("ascii", "ignore").decode()
    canvas(document, "PUT", f"/users/{pupil['id']}", {"user": {"name": plain}})
    seat = canvas(document, "GET", f"/users/{pupil['id']}/enrollments").json()[2]
    canvas(document, "DELETE", f"/courses/{seat['course_id']}/enrollments/{seat['id']}?task=delete")
    csv = MESSAGES % str(pupil["login_id"]).encode()
    canvas(document, "POST", "/accounts/1/sis_imports?extension=csv", csv, "text/csv")
    for rule in (
        {
            "id": "bad-tuesday-1",
            "when": {"fake": "focus", "operation": "getAllEnrollments", "nth": 3},
            "act": {"kind": "repeat_page"},
            "times": 1,
        },
        {
            "id": "bad-tuesday-2",
            "when": {"fake": "canvas", "operation": "getUserById", "every": 5},
            "act": {"kind": "status", "status": 503},
        },
    ):
        control(document, "POST", "/faults", rule)
    control(document, "POST", "/clock/advance", {"seconds": 600})
    return str(pupil["sis_user_id"])


def take(browser: Browser, up: Up, pupil: str, out: Path) -> None:
    """Look at the pupil as each picture is to show them."""
    console, token = up.document["console"]["url"], up.document["control"]["token"]
    for name, width, height, scheme in PICTURES:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        page = context.new_page()
        page.goto(f"{console}#token={token}")
        page.wait_for_selector("#worlds")
        page.fill("#q", pupil)
        page.press("#q", "Enter")
        page.locator("#found .hits a").first.click()
        page.wait_for_selector("#found .view")
        for summary in page.locator("#imports summary").all()[:1]:
            summary.click()
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=out / name)
        context.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Take all pictures."""
    parser = argparse.ArgumentParser(prog="python -m checks.pictures", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", metavar="DIR")
    given = parser.parse_args(arguments)
    if find_chromium() is None:
        print("no chromium was found", file=sys.stderr)
        return 2
    given.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="homeroom-pictures-") as folder,
        Up("--district", "tiny", "--now", NOW, validate="sample") as up,
        chromium() as browser,
    ):
        take(browser, up, play(up, Path(folder)), given.out)
    print(json.dumps([str(given.out / name) for name, *_ in PICTURES]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
