"""A night of `small`, end to end, against a bare loop that downloads and decodes the same pages."""

import http.client
import shutil
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from checks.bench.measure import Bar, Series, interleave
from checks.support import Up, homeroom, subject_environment
from homeroom.certify.control import ControlClient, SpaceHandle

NOW = "2026-09-01T06:00:00Z"
COLLECTIONS = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments")
PAGE = 5_000


def run(rounds: int) -> tuple[list[Bar], list[Series]]:
    """Measure records a second of a first night, read to verified, and of the bare loop."""
    with Up("--district", "small", "--now", NOW, validate="off") as up:
        folder = Path(tempfile.mkdtemp(prefix="homeroom-bench-"))
        config = folder / "homeroom.toml"
        config.write_text(f"[service]\npage_size = {PAGE}\n", encoding="utf-8")
        control = up.document["control"]
        space = SpaceHandle(ControlClient(control["url"], control["token"]), up.document)
        records = bare_loop(up.document["oneroster"])

        def night() -> float:
            space.reset()
            state = folder / "state"
            shutil.rmtree(state, ignore_errors=True)
            env = subject_environment(up.document, now=NOW, state_dir=state)
            began = time.perf_counter()
            done = homeroom("provision", "--json", "--config", str(config), env=env)
            took = time.perf_counter() - began
            if done.code != 0:
                raise SystemExit(f"provision ended with {done.code}: {done.err}")
            return records / took

        def bare() -> float:
            began = time.perf_counter()
            return bare_loop(up.document["oneroster"]) / (time.perf_counter() - began)

        names = ("provision small, process start to verified: records/s", "bare loop: records/s")
        found = interleave(dict(zip(names, (night, bare), strict=True)), rounds=rounds)
        shutil.rmtree(folder)
    ratio = found[names[0]].median / found[names[1]].median
    bar = Bar(
        id="night-small", text="provision / bare download and decode", ratio=ratio, needed=0.3
    )
    return [bar], list(found.values())


def bare_loop(oneroster: dict[str, str]) -> int:
    """Page through the whole district with http.client and orjson, and nothing else."""
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
    count = 0
    for collection in COLLECTIONS:
        offset = 0
        while True:
            connection.request(
                "GET", f"{base.path}/{collection}?limit={PAGE}&offset={offset}", headers=headers
            )
            rows = orjson.loads(connection.getresponse().read())[collection]
            count += len(rows)
            offset += PAGE
            if len(rows) < PAGE:
                break
    connection.close()
    return count
