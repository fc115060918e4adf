"""`homeroom serve` under attack and in trouble: links, sessions, hosts, files, second processes."""

import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import trustme

from checks.service_stage import TOKEN, Serve
from checks.support import environment, homeroom

GOOD = {
    "base_url": "http://127.0.0.1:9/v1p1",
    "client_id": "the-key",
    "client_secret": "the-secret",
    "auth": "oauth2",
}


class Browser:
    """A client that keeps cookies and follows nothing."""

    def __init__(self, url: str, context: ssl.SSLContext | None = None) -> None:
        self._parts, self._context = urlsplit(url), context
        self.cookies: dict[str, str] = {}
        self.set_cookie = ""

    def send(
        self,
        method: str,
        path: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, str, http.client.HTTPMessage]:
        host, port = self._parts.hostname or "", self._parts.port
        connection = (
            http.client.HTTPSConnection(host, port, context=self._context, timeout=30)
            if self._context
            else http.client.HTTPConnection(host, port, timeout=30)
        )
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        body = None if form is None else urlencode(form)
        connection.request(method, path, body, {**sent, **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.msg.get_all("Set-Cookie") or ():
            self.set_cookie = cookie
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer.status, text, answer.msg

    def form(self, path: str) -> str:
        """Load a page and give its form's token."""
        status, text, _ = self.send("GET", path)
        assert status == 200, (status, text)
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        assert found is not None
        return str(found[1])

    def sign_in(self) -> None:
        token = self.form("/login")
        status, text, _ = self.send("POST", "/login", {"token": TOKEN, "csrf_token": token})
        assert status == 303, text


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    with Serve(tmp_path_factory.mktemp("service") / "state", "--workers", "0") as running:
        running.ask("POST", "/districts", {"id": "leon", "name": "Leon"})
        yield running


def make_link(served: Serve) -> str:
    url: str = served.ask("POST", "/districts/leon/links", {})["url"]
    return urlsplit(url).path


def test_link_opens_once_and_only_for_what_can_be_right(served: Serve) -> None:
    path, district = make_link(served), Browser(served.url)
    token = district.form(path)
    bad = {**GOOD, "client_secret": "two words", "csrf_token": token}
    status, text, headers = district.send("POST", path, bad)
    assert status == 422
    assert "has blanks" in text
    assert "two words" not in text
    assert "the-key" not in text
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    status, _, _ = district.send("POST", path, {**GOOD, "csrf_token": token})
    assert status == 200
    assert district.send("POST", path, {**GOOD, "csrf_token": token})[0] == 410
    assert Browser(served.url).send("GET", path)[0] == 410
    stored = served.ask("GET", "/districts/leon")["credentials"]
    assert [(note["side"], note["who"]) for note in stored] == [
        ("oneroster", "the district, by link")
    ]
    assert path not in served.log.read_text()
    assert "/connect/(link)" in served.log.read_text()


def test_forms_of_other_sites_change_nothing(served: Serve) -> None:
    path, district = make_link(served), Browser(served.url)
    token = district.form(path)
    assert district.send("POST", path, GOOD)[0] == 400  # without the form's token
    assert Browser(served.url).send("POST", path, {**GOOD, "csrf_token": token})[0] == 400
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        status, _, _ = district.send("POST", path, {**GOOD, "csrf_token": token}, headers)
        assert status == 403
    assert district.send("GET", path)[0] == 200  # the link is open still
    admin = Browser(served.url)
    admin.sign_in()
    page = "/districts/leon/do/pause"
    assert admin.send("POST", page, {})[0] == 400
    assert admin.send("POST", page, {"csrf_token": token})[0] == 400
    assert served.ask("GET", "/districts/leon")["district"]["paused"] is False
    own = admin.form("/districts/leon")
    assert admin.send("POST", page, {"csrf_token": own})[0] == 303
    assert served.ask("GET", "/districts/leon")["district"]["paused"] is True


def test_pages_need_a_session_and_a_forged_one_is_none(served: Serve) -> None:
    stranger = Browser(served.url)
    for path in ("/", "/jobs", "/districts/leon", "/districts-panel", "/jobs-panel"):
        status, text, headers = stranger.send("GET", path)
        assert (status, headers["Location"]) == (303, "/login")
        assert "Leon" not in text
    admin = Browser(served.url)
    admin.sign_in()
    assert "HttpOnly" in admin.set_cookie
    assert "SameSite=Strict" in admin.set_cookie
    assert TOKEN not in admin.set_cookie
    assert admin.send("GET", "/")[0] == 200
    ((name, value),) = admin.cookies.items()
    stranger.cookies = {name: value[:-2] + ("AA" if value[-2:] != "AA" else "BB")}
    assert stranger.send("GET", "/")[0] == 303
    token = admin.form("/")
    admin.send("POST", "/logout", {"csrf_token": token})
    assert admin.send("GET", "/")[0] == 303


def test_foreign_hosts_are_refused_and_headers_say_what_a_page_may(served: Serve) -> None:
    client = Browser(served.url)
    for host in ("evil.example", "localhost.evil.example", "", "127.0.0.1@evil.example"):
        assert client.send("GET", "/login", headers={"Host": host})[0] == 421
    _, _, headers = client.send("GET", "/login")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in headers


def test_guessing_is_slowed(tmp_path: Path) -> None:
    with Serve(tmp_path / "state", "--workers", "0") as served:
        guesser = Browser(served.url)
        path = "/connect/" + "x" * 43
        codes = [guesser.send("GET", path)[0] for _ in range(12)]
        assert codes == [410] * 10 + [429] * 2
        token = guesser.form("/login")
        form = {"token": "wrong", "csrf_token": token}
        codes = [guesser.send("POST", "/login", form)[0] for _ in range(12)]
        assert codes == [403] * 10 + [429] * 2
        assert "Retry-After" in guesser.send("POST", "/login", form)[2]


def test_over_tls_cookies_are_secure_and_names_are_the_certificates(tmp_path: Path) -> None:
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1", "homeroom.test")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(b"".join(part.bytes() for part in made.cert_chain_pems))
    made.private_key_pem.write_to_path(key)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    state = tmp_path / "state"
    with Serve(state, "--cert", str(cert), "--key", str(key), "--workers", "0") as served:
        assert served.url.startswith("https://homeroom.test:")
        port = urlsplit(served.url).port
        client = Browser(f"https://127.0.0.1:{port}", context)
        token = client.form("/login")
        assert "Secure" in client.set_cookie
        assert client.set_cookie.startswith("__Host-homeroom=")
        referer = {"Referer": f"https://127.0.0.1:{port}/login"}
        form = {"token": TOKEN, "csrf_token": token}
        status, _, headers = client.send("POST", "/login", form, referer)
        assert status == 303
        assert "max-age" in headers["Strict-Transport-Security"]
        assert client.send("GET", "/login", headers={"Host": "other.test"})[0] == 421
        with pytest.raises((http.client.HTTPException, OSError)):
            Browser(f"http://127.0.0.1:{port}").send("GET", "/login")


def test_secrets_are_not_received_in_the_clear(tmp_path: Path) -> None:
    for arguments, said in (
        (("--host", "0.0.0.0"), "give --cert and --key"),  # noqa: S104 - refused
        (("--cert", "absent.pem", "--key", "absent.pem"), "cannot be used together"),
        (("--database", "postgresql+psycopg://x:hush@127.0.0.1:9/y"), "cannot be used"),
    ):
        done = homeroom("serve", "--state", str(tmp_path), "--port", "0", *arguments)
        assert (done.code, done.out) == (2, ""), done.err
        assert said in done.err
        assert "hush" not in done.err
        assert "Traceback" not in done.err


def test_first_start_makes_private_files_and_tells_no_secret(tmp_path: Path) -> None:
    state = tmp_path / "state"
    served = Serve(state, env={})
    tokens, key = state / "admin-tokens", state / "vault.key"
    assert served.document["admin_tokens"] == str(tokens)
    name, _, token = tokens.read_text().strip().partition("=")
    assert name == "admin"
    assert served.api("GET", "/districts", token=token)[0] == 200
    second = homeroom("serve", "--state", str(state), "--port", "0")
    assert second.code == 2
    assert f"pid {served.process.pid}" in second.err
    stopped = served.stop()
    assert stopped.code == 0
    for path in (tokens, key):
        assert path.stat().st_mode & 0o777 == 0o600
    assert token not in stopped.out + stopped.err
    assert key.read_text().strip() not in stopped.out + stopped.err
    tokens.chmod(0o644)
    third = homeroom("serve", "--state", str(state), "--port", "0")
    assert third.code == 2
    assert "can be read by others (mode 0644)" in third.err


def test_interrupt_ends_it_well(tmp_path: Path) -> None:
    served = Serve(tmp_path / "state", "--workers", "0")
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(20) == 0
    served.stop()


def test_without_its_extra_the_verb_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['dbos'] = None\nfrom homeroom.cli.app import main; main(['serve'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=False
    )
    assert done.returncode == 2
    assert "dbos not installed: `pip install 'homeroom[service]'`" in done.stderr
    assert "Traceback" not in done.stderr


def test_admin_works_from_the_command_line(served: Serve, tmp_path: Path) -> None:
    def admin(*arguments: str, code: int = 0, token: str = TOKEN) -> str:
        env = environment(HOMEROOM_SERVICE_URL=served.url, HOMEROOM_SERVICE_TOKEN=token)
        done = homeroom("admin", *arguments, env=env)
        assert done.code == code, (done.code, done.err)
        return done.out if code == 0 else done.err

    token_file = tmp_path / "token"
    token_file.write_text(f"ada={TOKEN}\n")
    token_file.chmod(0o600)
    added = json.loads(
        admin("--token-file", str(token_file), "add", "wakulla", "--name", "Wakulla", token="")
    )
    assert added["next_stage"] == "connected"
    assert "/connect/" in json.loads(admin("link", "wakulla", "--hours", "5"))["url"]
    said = admin("enable", "wakulla", "passback", code=1)
    assert "next is connected" in said
    set_ = admin("schedule", "wakulla", "--night-at", "01:30",
                 "--rollover", "2027-06-01/2027-07-15")  # fmt: skip
    assert json.loads(set_)["district"]["pauses"] == [["2027-06-01", "2027-07-15"]]
    values = ['service.rekey=["users"]', "service.brake_share=0.2", "choices.removed=completed"]
    set_ = admin("set", "wakulla", *values, "service.concurrency=")
    assert (wakulla := json.loads(set_)["district"])["choices"] == {"removed": "completed"}
    assert wakulla["service"] == {"rekey": ["users"], "brake_share": 0.2}
    assert "brake_share is 2; allowed is a number from 0 up to 1" in admin(
        "set", "wakulla", "service.brake_share=2", code=1
    )
    assert "'brake=false' is not like" in admin("set", "wakulla", "brake=false", code=2)
    assert [one["what"] for one in json.loads(admin("log", "wakulla"))["log"]] == [
        "changed", "changed", "link made", "requested",
    ]  # fmt: skip
    assert "whose token" in admin("districts", code=2, token="")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert "cannot be reached" in admin("--url", nobody, "jobs", code=2)
    assert "not sent in the clear" in admin("--url", "http://homeroom.example", "jobs", code=2)
