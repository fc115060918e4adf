"""Subjects that hang, crash, flood, babble and leave things behind are stopped and judged."""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.process import TAIL_BYTES, kill_family, run_command
from homeroom.certify.subject import Run, SubjectRunner
from homeroom.config import Choices, Config, Subject, TellsTime

NOW = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
DOCUMENT: dict[str, Any] = {
    "oneroster": {
        "base_url": "http://127.0.0.1:1/v1p1",
        "token_url": "http://127.0.0.1:1/token",
        "client_id": "key-of-district",
        "client_secret": "secret-of-focus",
    },
    "canvas": {"base_url": "http://127.0.0.1:1", "token": "token-of-canvas", "account_id": 1},
}


def script(folder: Path, text: str) -> tuple[str, ...]:
    path = folder / "subject.py"
    path.write_text(text)
    return sys.executable, "subject.py"


def run(folder: Path, text: str, *, timeout_s: float = 20, **choices: Any) -> Run:
    subject = Subject(
        provision=script(folder, text), timeout_s=timeout_s, choices=Choices(**choices)
    )
    runner = SubjectRunner(Config(subject=subject, path=folder / "homeroom.toml"), work=folder)
    return runner.run("provision", DOCUMENT, now=NOW, state_dir=folder / "state")


def test_command_runs_beside_the_settings_with_its_variables(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        "import os, json\n"
        "names = [n for n in os.environ if n.startswith(('ONEROSTER_', 'CANVAS_', 'HOMEROOM_'))]\n"
        "print(json.dumps([os.getcwd(), sorted(names), os.environ['HOMEROOM_NOW'],"
        " os.path.isdir(os.environ['HOMEROOM_STATE_DIR'])]))\n",
    )
    assert (ran.exit_code, ran.timed_out, ran.notes) == (0, False, ())
    assert json.loads(ran.stdout) == [
        str(tmp_path),
        [
            "CANVAS_BASE_URL",
            "CANVAS_TOKEN",
            "HOMEROOM_NOW",
            "HOMEROOM_RUN",
            "HOMEROOM_STATE_DIR",
            "ONEROSTER_AUTH",
            "ONEROSTER_BASE_URL",
            "ONEROSTER_CLIENT_ID",
            "ONEROSTER_CLIENT_SECRET",
            "ONEROSTER_TOKEN_URL",
        ],
        "2026-09-01T06:00:00Z",
        True,
    ]


def test_secrets_are_not_kept(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        "import os, sys, base64\n"
        "print(os.environ['CANVAS_TOKEN'])\n"
        "sys.stderr.write(base64.b64encode(b'key-of-district:secret-of-focus').decode())\n",
    )
    assert (ran.stdout, ran.stderr.rstrip("=")) == ("[redacted]\n", "[redacted]")
    [log] = tmp_path.glob("runs-*.jsonl")
    assert "token-of-canvas" not in log.read_text()


@pytest.mark.parametrize("exit_code", [0, 1, 2, 3, 4, 77, 255])
def test_exit_code_is_kept_as_it_is(tmp_path: Path, exit_code: int) -> None:
    assert run(tmp_path, f"raise SystemExit({exit_code})").exit_code == exit_code


def test_crash_is_told_by_its_signal(tmp_path: Path) -> None:
    ran = run(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    assert (ran.exit_code, ran.notes) == (-11, ("it was ended by signal 11",))


def test_hanging_subject_is_stopped_at_its_time_limit(tmp_path: Path) -> None:
    ran = run(tmp_path, "import time\ntime.sleep(60)", timeout_s=0.5)
    assert (ran.exit_code, ran.timed_out) == (-15, True)
    assert ran.notes == ("it was stopped after 0.5 s, its time limit",)
    assert ran.duration_s < 10


def test_subject_that_ignores_term_is_killed_with_its_children(tmp_path: Path) -> None:
    (tmp_path / "child.py").write_text(
        "import signal, time, os\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "open('child.pid', 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    )
    command = script(
        tmp_path,
        "import signal, subprocess, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "subprocess.Popen([sys.executable, 'child.py'])\ntime.sleep(60)\n",
    )
    ended = run_command(command, cwd=tmp_path, environ=os.environ, timeout_s=2, grace_s=0.5)
    assert (ended.exit_code, ended.timed_out) == (-9, True)
    assert ended.notes == (
        "it was stopped after 2 s, its time limit",
        "it did not end within 0.5 s of TERM and was killed",
    )
    assert gone(tmp_path / "child.pid")


@pytest.mark.parametrize("own_session", [False, True])
def test_process_left_behind_is_ended_and_told(tmp_path: Path, own_session: bool) -> None:
    ran = run(
        tmp_path,
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
        f" start_new_session={own_session})\n"
        "open('child.pid', 'w').write(str(child.pid))\n",
    )
    assert (ran.exit_code, ran.notes) == (0, ("it left 1 process running, which were ended",))
    assert ran.duration_s < 20
    assert gone(tmp_path / "child.pid")


def test_flood_of_output_is_kept_by_its_end_only(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        "import sys\nfor _ in range(3000):\n    sys.stdout.write('x' * 10000)\n"
        "sys.stdout.write('the end')\n",
    )
    assert ran.exit_code == 0
    assert ran.stdout.startswith(f"[{30_000_007 - TAIL_BYTES} bytes left out]\n")
    assert ran.stdout.endswith("xthe end")
    assert len(ran.stdout) < TAIL_BYTES + 100


def test_rubbish_bytes_are_no_trouble(tmp_path: Path) -> None:
    ran = run(tmp_path, "import sys\nsys.stdout.buffer.write(bytes(range(256)))")
    assert ran.exit_code == 0
    assert "\N{REPLACEMENT CHARACTER}" in ran.stdout


def test_subject_that_fills_the_disk_is_stopped(tmp_path: Path) -> None:
    command = script(
        tmp_path,
        "import time\nwith open('state/big', 'wb') as f:\n"
        "    while True:\n        f.write(b'x' * 1_000_000); f.flush(); time.sleep(0.05)\n",
    )
    (tmp_path / "state").mkdir()
    ended = run_command(
        command,
        cwd=tmp_path,
        environ=os.environ,
        timeout_s=30,
        watched=tmp_path / "state",
        folder_limit_bytes=3_000_000,
    )
    assert (ended.exit_code, ended.timed_out) == (-15, False)
    assert ended.notes == ("it was stopped: its state folder grew above 3000000 bytes",)


def test_no_process_of_a_certification_outlives_it(tmp_path: Path) -> None:
    command = script(
        tmp_path,
        "import os, time\nopen('child.pid', 'w').write(str(os.getpid()))\ntime.sleep(60)\n",
    )

    def work() -> None:
        run_command(command, cwd=tmp_path, environ=os.environ, timeout_s=30, family="f4m1ly")

    thread = threading.Thread(target=work)
    thread.start()
    wait_for(tmp_path / "child.pid")
    assert kill_family("f4m1ly") == 1
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert gone(tmp_path / "child.pid")


def test_absent_command_is_not_applicable(tmp_path: Path) -> None:
    subject = Subject(provision=script(tmp_path, ""))
    runner = SubjectRunner(Config(subject=subject), work=tmp_path)
    with pytest.raises(NotApplicable, match="the subject declares no remaster command"):
        runner.run("remaster", DOCUMENT, now=NOW, state_dir=tmp_path / "state")


def test_faketime_makes_the_subject_live_in_the_worlds_time(tmp_path: Path) -> None:
    import shutil

    if shutil.which("faketime") is None:
        pytest.skip("Debian's faketime is not installed here")
    ran = run(
        tmp_path,
        "import datetime\nprint(datetime.datetime.now(datetime.timezone.utc).isoformat()[:16])",
        time=TellsTime.FAKETIME,
    )
    assert ran.stdout == "2026-09-01T06:00\n"


class Service(BaseHTTPRequestHandler):
    """A subject that is a service, as its path says."""

    asked: ClassVar[list[tuple[str, str, Any, str | None]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(("POST", self.path, body, self.headers.get("Authorization")))
        match self.path:
            case "/later":
                self._answer(202, None, Location="/jobs/1")
            case "/away":
                port = self.headers["Host"].rpartition(":")[2]
                self._answer(202, None, Location=f"http://localhost:{port}/jobs/1")
            case "/rubbish":
                self._answer(200, {"exit": "fine"})
            case "/slow":
                time.sleep(3)
                self._answer(200, {"exit": 0})
            case _:
                self._answer(200, {"exit": 4})

    def do_GET(self) -> None:
        self.asked.append(("GET", self.path, None, self.headers.get("Authorization")))
        times = len([each for each in self.asked if each[0] == "GET"])
        if self.path == "/jobs/1" and times == 1:
            self._answer(503, None)
            return
        done = times > 2
        self._answer(200 if done else 202, {"exit": 1} if done else None, Location="/jobs/1")

    def _answer(self, status: int, body: Any, **headers: str) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name there
        """Keep quiet."""


@pytest.fixture
def service() -> Iterator[str]:
    Service.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def over_http(folder: Path, url: str, *, times: int = 1, **subject: Any) -> Run:
    config = Config(subject=Subject(provision_url=url, token="a-bearer", **subject))
    runner = SubjectRunner(config, work=folder)
    for _ in range(times):
        runner.run("provision", DOCUMENT, now=NOW, state_dir=folder / "state")
    return runner.runs[-1]


def test_service_gets_the_variables_as_json_with_its_token(tmp_path: Path, service: str) -> None:
    ran = over_http(tmp_path, f"{service}/now")
    assert (ran.exit_code, ran.held, ran.notes) == (4, True, ())
    [(method, path, body, authorization)] = Service.asked
    assert (method, path, authorization) == ("POST", "/now", "Bearer a-bearer")
    assert body["HOMEROOM_NOW"] == "2026-09-01T06:00:00Z"
    assert body["CANVAS_TOKEN"] == "token-of-canvas"


def test_service_may_answer_later_under_a_location(tmp_path: Path, service: str) -> None:
    assert over_http(tmp_path, f"{service}/later").exit_code == 1
    assert [each[:2] for each in Service.asked] == [
        ("POST", "/later"),
        ("GET", "/jobs/1"),  # busy for a moment, which is no end
        ("GET", "/jobs/1"),
        ("GET", "/jobs/1"),
    ]
    assert {each[3] for each in Service.asked} == {"Bearer a-bearer"}


def test_token_stays_with_the_service_wherever_it_sends_us(tmp_path: Path, service: str) -> None:
    assert over_http(tmp_path, f"{service}/away").exit_code == 1
    assert [each[3] for each in Service.asked] == ["Bearer a-bearer", None, None, None]


def test_service_is_reset_once_for_each_history(tmp_path: Path, service: str) -> None:
    over_http(tmp_path, f"{service}/now", times=2, reset_url=f"{service}/reset")
    assert [each[1] for each in Service.asked] == ["/reset", "/now", "/now"]


def test_service_without_an_exit_code_is_judged_by_what_it_did(
    tmp_path: Path, service: str
) -> None:
    ran = over_http(tmp_path, f"{service}/rubbish")
    assert (ran.exit_code, ran.notes) == (-1, ('it answered 200 without {"exit": n}',))


def test_service_that_is_too_slow_is_given_up(tmp_path: Path, service: str) -> None:
    ran = over_http(tmp_path, f"{service}/slow", timeout_s=0.5)
    assert (ran.exit_code, ran.timed_out) == (-1, True)
    assert ran.notes[-1] == "it did not finish within 0.5 s, its time limit"


def test_service_that_is_not_there_is_told(tmp_path: Path) -> None:
    ran = over_http(tmp_path, "http://127.0.0.1:9/now")
    assert ran.exit_code == -1
    assert "it could not be asked" in ran.notes[0]


def wait_for(path: Path) -> None:
    for _ in range(200):
        if path.exists() and path.read_text():
            return
        time.sleep(0.05)
    raise AssertionError(f"{path} never appeared")


def gone(pid_file: Path) -> bool:
    wait_for(pid_file)
    for _ in range(40):
        try:
            status = Path(f"/proc/{pid_file.read_text()}/stat").read_text()
        except FileNotFoundError:
            return True
        if (
            status.rpartition(")")[2].split()[0] == "Z"
        ):  # ended, and not yet collected by its parent
            return True
        time.sleep(0.05)
    return False
