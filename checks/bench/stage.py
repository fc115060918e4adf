"""The rehearsal stage: what rules that never match cost, spaces a second, a world restored."""

import tempfile
import time
from pathlib import Path

from checks.bench.drive import drive, request_bytes
from checks.bench.focus import token_of
from checks.bench.measure import Asked, Bar, Found, Series, at_most, interleave
from checks.support import Up, homeroom, subject_environment
from homeroom.certify.control import ControlClient, SpaceHandle

NOW = "2026-09-15T06:00:00Z"
RULES = 100
SPACES = 50


def run(asked: Asked) -> Found:
    """Measure the three, each on a server of its own."""
    rounds = asked.rounds
    with Up("--district", "tiny", "--now", NOW, validate="off") as up:
        control = up.document["control"]
        client = ControlClient(control["url"], control["token"])
        rules, first = _rules(rounds, up, SpaceHandle(client, up.document))

        def spaces() -> float:
            began = time.perf_counter()
            for _ in range(SPACES):
                client.new_space(district="tiny", now=NOW).drop()
            return SPACES / (time.perf_counter() - began)

        made = interleave({"tiny spaces created and dropped/s": spaces}, rounds=rounds)
        client.close()
    restored = _restore(rounds)
    bars = [
        at_most("rules", f"CPU a request, {RULES} rules none matching / none", rules, 1.10),
        Bar(id="spaces", text="tiny spaces/s", ratio=next(iter(made.values())).median, needed=100),
        at_most("restore", "seconds to restore small, provisioned", restored.median, 1.0),
    ]
    return Found(bars=bars, series=[*first, *made.values(), restored])


def _rules(rounds: int, up: Up, space: SpaceHandle) -> tuple[float, list[Series]]:
    url = up.document["oneroster"]["base_url"]
    headers = {"Authorization": f"Bearer {token_of(up.document)}"}
    request = [request_bytes("GET", f"{url}/users?limit=1", headers)]

    def without() -> float:
        space.clear_faults()
        return drive(url, request, up.process.pid, seconds=1).cpu_us

    def with_rules() -> float:
        for number in range(RULES):
            place = {"operation": "putResult"} if number % 2 else {"path": "/nowhere"}
            space.add_fault({"when": {"fake": "focus", **place}, "act": {"kind": "status"}})
        return drive(url, request, up.process.pid, seconds=1).cpu_us

    names = ("no fault rules: CPU us/request", f"{RULES} fault rules: CPU us/request")
    found = interleave(dict(zip(names, (without, with_rules), strict=True)), rounds=rounds)
    space.clear_faults()
    return found[names[1]].median / found[names[0]].median, list(found.values())


def _restore(rounds: int) -> Series:
    with Up("--district", "small", "--now", NOW, validate="off") as up:
        control = up.document["control"]
        client = ControlClient(control["url"], control["token"])
        space = SpaceHandle(client, up.document)
        with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as folder:
            env = subject_environment(up.document, now=NOW, state_dir=Path(folder))
            done = homeroom("provision", "--json", env=env)
        if done.code != 0:
            raise SystemExit(f"provision ended with {done.code}: {done.err}")
        snapshot = space.snapshot()

        def restore() -> float:
            began = time.perf_counter()
            space.restore(snapshot)
            return time.perf_counter() - began

        found = interleave({"restoring small, provisioned: seconds": restore}, rounds=rounds)
        client.close()
    return next(iter(found.values()))
