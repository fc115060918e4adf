"""`homeroom up` keeps the interface's promises as a process."""

import signal
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from checks.support import Up, homeroom
from homeroom.certify.control import ControlClient


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "empty", "--now", "2026-09-01T06:00:00Z") as running:
        yield running


def free_port_run() -> int:
    """Return a port that is free with the two after it."""
    for _ in range(50):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        try:
            for offset in (1, 2):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        return port
    pytest.fail("no three free ports in a row")


def test_the_space_document_is_one_line_with_the_keys_of_the_interface(up: Up) -> None:
    document = up.document
    assert document["space"] == "default"
    assert set(document) == {"space", "control", "console", "oneroster", "canvas"}
    assert set(document["oneroster"]) == {"base_url", "token_url", "client_id", "client_secret"}
    assert set(document["canvas"]) == {"base_url", "token", "account_id"}
    assert document["oneroster"]["base_url"].endswith("/focus/api/1.0/ims/oneroster/v1p1")
    assert document["canvas"]["account_id"] == 1


def test_sigterm_ends_it_with_0() -> None:
    with Up("--district", "tiny") as running:
        running.process.send_signal(signal.SIGTERM)
        assert running.stop().code == 0


def test_ctrl_c_ends_it_with_0() -> None:
    with Up("--district", "empty") as running:
        running.process.send_signal(signal.SIGINT)
        assert running.stop().code == 0


def test_a_port_gives_control_focus_and_canvas_in_a_row() -> None:
    port = free_port_run()
    with Up("--district", "empty", "--port", str(port)) as running:
        document = running.document
        assert document["control"]["url"] == f"http://127.0.0.1:{port}/__control__"
        assert document["oneroster"]["base_url"].startswith(f"http://127.0.0.1:{port + 1}/")
        assert document["canvas"]["base_url"] == f"http://127.0.0.1:{port + 2}"


def test_a_taken_port_is_one_clear_sentence_and_2(up: Up) -> None:
    taken = up.document["control"]["url"].split(":")[2].split("/")[0]
    done = homeroom("up", "--port", taken)
    assert done.code == 2
    assert "cannot be bound" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--district", "gigantic"), "gigantic"),
        (("--district", "no/such/file.zip"), "file.zip"),
        (("--now", "yesterday"), "yesterday"),
        (("--now", ""), "ISO 8601"),
    ],
)
def test_bad_arguments_are_named_and_end_with_2(arguments: tuple[str, ...], part: str) -> None:
    done = homeroom("up", *arguments)
    assert done.code == 2
    assert part in done.err
    assert "Traceback" not in done.err


def test_a_second_space_has_a_prefix_and_is_a_world_of_its_own(up: Up) -> None:
    control = up.document["control"]
    client = ControlClient(control["url"], control["token"])
    space = client.new_space(now="2026-10-01T06:00:00Z")
    prefix = f"/s/{space.document['space']}"
    assert prefix in space.document["oneroster"]["base_url"]
    assert prefix in space.document["canvas"]["base_url"]
    assert space.document["oneroster"]["client_secret"] != up.document["oneroster"]["client_secret"]
    client.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "field", "remedy"),
    [
        ("POST", "/spaces", {"district": "a\0b.zip"}, "district", "give empty, tiny"),
        ("POST", "/spaces", {"districts": "tiny"}, "districts", "fields are: district, now, seed"),
        ("POST", "/spaces", {"now": "soon"}, "now", "such as 2026-09-01T06:00:00Z"),
        ("POST", "/spaces", {"now": "9999-12-31T23:59:59Z"}, "now", "1900-01-01 to 2999-12-31"),
        ("PUT", "/spaces/default/clock", {"now": "0001-01-01T00:00:00Z"}, "now", "from 1900-01-01"),
        ("POST", "/spaces/default/clock/advance", {"seconds": 1e30}, "seconds", "from 1900-01-01"),
    ],
)
def test_what_a_world_cannot_be_is_refused_by_name_with_a_remedy(
    up: Up, method: str, path: str, body: dict[str, Any], field: str, remedy: str
) -> None:
    control = up.document["control"]
    answer = httpx.request(
        method,
        f"{control['url']}{path}",
        json=body,
        headers={"Authorization": f"Bearer {control['token']}"},
    )
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert remedy in answer.json()["error"]
