"""The Focus fake: against Prism (P1), what checking costs (P2), memory (P5), depth (P6)."""

import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import orjson
import yaml

from checks.bench.drive import Cost, anonymous_mb, drive, request_bytes
from checks.bench.measure import Asked, Bar, Found, Series, at_most
from checks.support import Up, environment
from homeroom.mocks.harness.contract import load_contract

NOW = "2026-09-01T06:00:00Z"
CONTRACT = Path(__file__).parents[2] / "mocks" / "focus_oneroster" / "openapi.yaml"
PRISM = "@stoplight/prism-cli@5.14.2"
PAGE = 100
MILLION = 1_000_000


def token_of(document: Mapping[str, Any]) -> str:
    """Take a bearer token of a space document's partner."""
    oneroster = document["oneroster"]
    form = (
        f"grant_type=client_credentials&client_id={oneroster['client_id']}"
        f"&client_secret={oneroster['client_secret']}"
    )
    with urlopen(Request(oneroster["token_url"], form.encode())) as answer:  # noqa: S310
        token: str = orjson.loads(answer.read())["access_token"]
    return token


def result_puts(url: str, headers: dict[str, str], line_item: str, student: str) -> list[bytes]:
    """Write PUTs of results, one id each."""
    requests: list[bytes] = []
    for number in range(500):
        body = {
            "result": {
                "sourcedId": f"bench-{number}",
                "status": "active",
                "dateLastModified": "2026-09-01T06:00:00.000Z",
                "lineItem": {"href": f"{url}/x", "sourcedId": line_item, "type": "lineItem"},
                "student": {"href": f"{url}/y", "sourcedId": student, "type": "user"},
                "scoreStatus": "fully graded",
                "score": 87.5,
                "scoreDate": "2026-09-01",
            }
        }
        put = {**headers, "Content-Type": "application/json"}
        requests.append(
            request_bytes("PUT", f"{url}/results/bench-{number}", put, orjson.dumps(body))
        )
    return requests


@contextmanager
def prism() -> Generator[tuple[str, int] | None]:
    """Start Prism on the same document; None where npm is missing."""
    if shutil.which("npm") is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="homeroom-prism-") as folder:
        document = Path(folder) / "openapi.yaml"
        document.write_text(yaml.safe_dump(with_example(load_contract(CONTRACT))), encoding="utf-8")
        install = [
            "npm",
            "install",
            "--silent",
            "--no-fund",
            "--no-audit",
            "--prefix",
            folder,
            PRISM,
        ]
        subprocess.run(install, check=True, timeout=300)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [f"{folder}/node_modules/.bin/prism", "mock", "-p", str(port), str(document)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment()) as process:
            try:
                url = f"http://127.0.0.1:{port}"
                wait_for(url)
                yield url, process.pid
            finally:
                process.terminate()


def wait_for(url: str) -> None:
    """Return once something listens there."""
    host, port = url.removeprefix("http://").split(":")
    for _ in range(300):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing listens at {url}")


def with_example(document: dict[str, Any]) -> dict[str, Any]:
    """Give getAllEnrollments an example page of 100 records, so that both serve the same."""
    row = {
        "sourcedId": "b5c1c9e0-0000-4000-8000-000000000000",
        "status": "active",
        "dateLastModified": "2026-08-03T09:00:00.000Z",
        "user": {"href": "http://sis.test/users/u", "sourcedId": "u", "type": "user"},
        "class": {"href": "http://sis.test/classes/c", "sourcedId": "c", "type": "class"},
        "school": {"href": "http://sis.test/orgs/s", "sourcedId": "s", "type": "org"},
        "role": "student",
        "beginDate": "2026-08-10",
        "endDate": "2026-12-19",
    }
    paths: Any = document["paths"]
    response = paths["/enrollments"]["get"]["responses"]["200"]
    while "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    response["content"]["application/json"]["example"] = {"enrollments": [row] * PAGE}
    return {**document, "servers": [{"url": "/"}]}


def run(asked: Asked) -> Found:
    """Measure P1, P2, P5 and P6 for Focus."""
    found = Found()
    for part in (against_prism, depth, memory):
        bars, series = part(asked)
        found.bars += bars
        found.series += series
    if not any(bar.id.startswith("P1") for bar in found.bars):
        found.notes.append("P1, against Stoplight Prism: npm is not on this machine")
    return found


def against_prism(asked: Asked) -> tuple[list[Bar], list[Series]]:
    """P1 and P2, in one interleaved run: ours, ours unchecked, Prism."""
    with (
        Up("--district", "small", "--now", NOW, validate="off") as ours,
        Up("--district", "small", "--now", NOW, validate="none") as unchecked,
        prism() as peer,
    ):
        sides: dict[str, Callable[[], Cost]] = {}
        window = 1.0 if asked.quick else 2.0
        for name, up in (("ours", ours), ("unchecked", unchecked)):
            url = up.document["oneroster"]["base_url"]
            headers = {"Authorization": f"Bearer {token_of(up.document)}"}
            item, student = prepare_gradebook(url, headers)
            get = [request_bytes("GET", f"{url}/enrollments?limit={PAGE}&offset=1000", headers)]
            put = result_puts(url, headers, item, student)
            pid = up.process.pid
            sides[f"{name} GET"] = lambda u=url, r=get, p=pid: drive(u, r, p, seconds=window)  # type: ignore[misc]
            sides[f"{name} PUT"] = lambda u=url, r=put, p=pid: drive(u, r, p, seconds=window)  # type: ignore[misc]
        if peer is not None:
            url, pid = peer
            bearer = {"Authorization": "Bearer any"}  # Prism asks for one, and looks no further
            get = [request_bytes("GET", f"{url}/enrollments?limit={PAGE}&offset=1000", bearer)]
            put = result_puts(url, bearer, "li", "u")
            sides["prism GET"] = lambda: drive(url, get, pid, seconds=window)
            sides["prism PUT"] = lambda: drive(url, put, pid, seconds=window)
        costs: dict[str, list[Cost]] = {name: [] for name in sides}
        for _ in range(asked.rounds):
            for name, side in sides.items():
                costs[name].append(side())
    rps = {name: statistics.median(cost.rps for cost in found) for name, found in costs.items()}
    cpu = {name: statistics.median(cost.cpu_us for cost in found) for name, found in costs.items()}
    series = [
        Series(f"Focus {name}: {unit}", tuple(getattr(cost, field) for cost in found))
        for name, found in costs.items()
        for unit, field in (("requests/s", "rps"), ("CPU us/request", "cpu_us"))
    ]
    checking = {verb: cpu[f"ours {verb}"] / cpu[f"unchecked {verb}"] for verb in ("GET", "PUT")}
    bars = [
        at_most(f"P2 {verb}", "CPU, checked / unchecked", ratio, 1.15)
        for verb, ratio in checking.items()
    ]
    if peer is not None:
        gain = {verb: rps[f"ours {verb}"] / rps[f"prism {verb}"] for verb in ("GET", "PUT")}
        thrift = cpu["ours GET"] / cpu["prism GET"]
        bars += [
            Bar(id="P1 GET", text="requests/s, ours / Prism", needed=3, ratio=gain["GET"]),
            at_most("P1 CPU", "CPU a request, ours / Prism", thrift, 1 / 3),
            Bar(id="P1 PUT", text="requests/s, ours / Prism", needed=2.5, ratio=gain["PUT"]),
        ]
    return bars, series


def prepare_gradebook(url: str, headers: dict[str, str]) -> tuple[str, str]:
    """Put a line item into the first class and return it with a student of that class."""

    def get(path: str) -> dict[str, list[dict[str, str]]]:
        with urlopen(Request(f"{url}{path}", headers=headers)) as answer:  # noqa: S310
            page: dict[str, list[dict[str, str]]] = orjson.loads(answer.read())
        return page

    class_ = get("/classes?limit=1")["classes"][0]["sourcedId"]
    category = get("/categories?limit=1")["categories"][0]["sourcedId"]
    student = get(f"/classes/{class_}/students?limit=1")["users"][0]["sourcedId"]
    item = {
        "lineItem": {
            "sourcedId": "bench-item", "title": "Bench", "assignDate": "2026-09-01T00:00:00.000Z",
            "dueDate": "2026-09-10T00:00:00.000Z", "class": {"sourcedId": class_},
            "category": {"sourcedId": category}, "resultValueMin": 0, "resultValueMax": 100,
        }
    }  # fmt: skip
    put = Request(  # noqa: S310
        f"{url}/lineItems/bench-item",
        orjson.dumps(item),
        method="PUT",
        headers={**headers, "Content-Type": "application/json"},
    )
    with urlopen(put) as answer:  # noqa: S310
        answer.read()
    return "bench-item", student


def depth(asked: Asked) -> tuple[list[Bar], list[Series]]:
    """P6: the last page against the first, and a delta page against an unfiltered one."""
    with Up("--district", f"enrollments={asked.many}", "--now", NOW, validate="off") as up:
        url = up.document["oneroster"]["base_url"]
        headers = {"Authorization": f"Bearer {token_of(up.document)}"}
        since = "dateLastModified%3E%272020-01-01%27"
        pages = {
            "first page": f"{url}/enrollments?limit=1000",
            "last page": f"{url}/enrollments?limit=1000&offset={asked.many - 1000}",
            "delta page": f"{url}/enrollments?limit=1000&filter={since}",
        }
        costs: dict[str, list[float]] = {name: [] for name in pages}
        for page in pages.values():
            with urlopen(Request(page, headers=headers)) as answer:  # noqa: S310
                answer.read()  # fills caches, once
        for _ in range(asked.rounds):
            for name, page in pages.items():
                request = [request_bytes("GET", page, headers)]
                cost = drive(url, request, up.process.pid, connections=2, seconds=1)
                costs[name].append(cost.cpu_us)
    series = [
        Series(f"Focus {name} of 1,000 in {asked.many:,}: CPU us", tuple(found))
        for name, found in costs.items()
    ]
    first, last, delta = (one.median for one in series)
    bars = [
        at_most("P6 last", "last page / first page", last / first, 1.5),
        at_most("P6 delta", "dateLastModified page / unfiltered", delta / first, 5),
    ]
    return bars, series


def memory(asked: Asked) -> tuple[list[Bar], list[Series]]:
    """P5: anonymous memory of a million enrollments, all pages read once, less an empty world's."""
    held: list[float] = []
    for _ in range(min(asked.rounds, 3)):
        with Up("--district", "empty", "--now", NOW, validate="off") as empty:
            base = anonymous_mb(empty.process.pid)
        with Up("--district", f"enrollments={asked.many}", "--now", NOW, validate="off") as up:
            url = up.document["oneroster"]["base_url"]
            headers = {"Authorization": f"Bearer {token_of(up.document)}"}
            for offset in range(0, asked.many, 10_000):
                page = f"{url}/enrollments?limit=10000&offset={offset}"
                with urlopen(Request(page, headers=headers)) as answer:  # noqa: S310
                    answer.read()
            held.append((anonymous_mb(up.process.pid) - base) * MILLION / asked.many)
    series = Series("Focus: anonymous MB for a million enrollments", tuple(held))
    return [at_most("P5 Focus", "anonymous MB a million", series.median, 150)], [series]
