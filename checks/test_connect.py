"""`homeroom connect` against both fakes: what it finds, that it only reads, what it keeps quiet."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from checks.support import Done, Up, homeroom, subject_environment
from checks.worlds import control, focus, new_space
from homeroom.config import Config, read_config
from homeroom.reference.onboarding import Connection, connect, read_targets

NOW = "2026-09-14T15:00:00Z"


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "tiny", "--now", NOW) as running:
        yield running


@pytest.fixture
def space(up: Up) -> Iterator[dict[str, Any]]:
    """A district of its own, for what is changed in it."""
    document = new_space(up.document, district="tiny", now=NOW)
    yield document
    assert control(document, "DELETE", "").status == 204


def targets_of(document: Mapping[str, Any], **variables: str) -> dict[str, str]:
    oneroster, canvas = document["oneroster"], document["canvas"]
    return {
        "ONEROSTER_BASE_URL": oneroster["base_url"],
        "ONEROSTER_TOKEN_URL": oneroster["token_url"],
        "ONEROSTER_CLIENT_ID": oneroster["client_id"],
        "ONEROSTER_CLIENT_SECRET": oneroster["client_secret"],
        "CANVAS_BASE_URL": canvas["base_url"],
        "CANVAS_TOKEN": canvas["token"],
        **variables,
    }


def looked_at(document: Mapping[str, Any], **variables: str) -> Connection:
    return connect(read_targets(targets_of(document, **variables), Config()))


def outcomes(found: Connection, *wanted: str) -> list[str]:
    """Return the checks that went in one of these ways."""
    return [one.check for one in found.checks if one.outcome in wanted]


def verb(document: Mapping[str, Any], folder: Path, *options: str, **variables: str) -> Done:
    env = subject_environment(document, now=NOW, state_dir=folder)
    return homeroom("connect", *options, env={**env, **variables}, cwd=folder)


def test_a_sound_pair_passes_and_nothing_but_tokens_is_posted(
    space: dict[str, Any], tmp_path: Path
) -> None:
    done = verb(space, tmp_path, "--json", "--probe")
    assert done.code == 0, done.out + done.err
    document = done.json()
    assert document["verdict"] == "passed"
    assert document["totals"]["failed"] == document["totals"]["skipped"] == 0
    assert set(document["checks"][0]) == {"check", "asked", "received", "outcome", "remedy"}
    warned = [one["check"] for one in document["checks"] if one["outcome"] == "warning"]
    assert warned == []
    assert (
        document["counts"]["users"] == focus(space, "/users?limit=1").json()["pagination"]["total"]
    )
    timed = {(one["path"], one["limit"]) for one in document["probe"]}
    assert timed == {(p, n) for p in ("users", "classes", "enrollments") for n in (100, 1000)}
    assert all(0 < one["p50_ms"] <= one["p95_ms"] for one in document["probe"])

    requests = control(space, "GET", "/journal").json()["requests"]
    sent = {(one["method"], one["operationId"]) for one in requests}
    assert {pair for pair in sent if pair[0] != "GET"} == {("POST", "createToken")}
    read = {operation for method, operation in sent if method == "GET"}
    assert {"getAllEnrollments", "getTermsForSchool", "getTeachersForSchool"} <= read


def test_neither_secrets_nor_people_are_shown(space: dict[str, Any], tmp_path: Path) -> None:
    shown = verb(space, tmp_path, "--json").out + verb(space, tmp_path, COLUMNS="400").out
    oneroster, canvas = space["oneroster"], space["canvas"]
    users = focus(space, "/users?limit=10000").json()["users"]
    private = {oneroster["client_secret"], canvas["token"]}
    private |= {user["username"] for user in users} | {user["sourcedId"] for user in users}
    private |= {f"{user['givenName']} {user['familyName']}" for user in users}
    assert len(private) > 300
    assert [one for one in private if one in shown] == []


def test_people_read_a_table(up: Up, tmp_path: Path) -> None:
    done = verb(up.document, tmp_path, COLUMNS="200")
    assert done.code == 0
    assert "provider.bulk.enrollments" in done.out
    assert "54 passed" in done.out


@pytest.mark.parametrize(
    ("setting", "value", "outcome", "check"),
    [
        ("new_token_kills_older", True, "failed", "provider.token_several"),
        ("token_lifetime_s", 120, "warning", "provider.token_lifetime"),
        ("limit_cap", 50, "warning", "provider.page_size"),
        ("limit_cap", 3, "failed", "provider.bulk.enrollments"),
        ("null_end_dates", True, "failed", "provider.dates"),
        ("null_references", True, "failed", "provider.references"),
        ("duplicate_enrollments", True, "failed", "provider.duplicates"),
        ("several_primary_teachers", True, "failed", "provider.teachers"),
        ("missing_routes", ["getTermsForSchool"], "failed", "provider.school.terms"),
        ("missing_routes", ["getAllDemographics"], "passed", "provider.bulk.demographics"),
        ("missing_routes", ["getAllCategories"], "warning", "provider.gradebook.categories"),
        ("missing_envelope", ["getAllUsers"], "failed", "provider.bulk.users"),
    ],
)
def test_what_a_provider_gets_wrong_is_found(
    space: dict[str, Any], setting: str, value: Any, outcome: str, check: str
) -> None:
    changed = control(space, "PATCH", "/focus/settings", {setting: value})
    assert changed.status == 200, changed.body
    found = looked_at(space)
    assert check in outcomes(found, outcome), found.checks
    assert found.exit_code == (1 if outcome == "failed" else 0)
    named = next(one for one in found.checks if one.check == check)
    assert named.remedy or outcome == "passed"


def test_a_token_that_is_handed_out_again_is_no_fault(space: dict[str, Any]) -> None:
    assert control(space, "PATCH", "/focus/settings", {"same_token_returned": True}).status == 200
    found = looked_at(space)
    assert found.exit_code == 0
    assert "the same token was handed out again" in next(
        one.received for one in found.checks if one.check == "provider.token_several"
    )


def test_a_provider_without_counts_passes_with_warnings(space: dict[str, Any]) -> None:
    off = {"total_count_header": False, "link_header": False, "pagination_body": False}
    assert control(space, "PATCH", "/focus/settings", off).status == 200
    found = looked_at(space)
    assert found.exit_code == 0, outcomes(found, "failed")
    warned = outcomes(found, "warning")
    assert {"provider.bulk.users", "provider.bulk.enrollments", "provider.counts"} <= set(warned)


@pytest.mark.parametrize(
    ("act", "check"),
    [
        ({"kind": "repeat_page"}, "provider.paging"),
        ({"kind": "drift_total"}, "provider.paging_end"),
    ],
)
def test_paging_that_cannot_be_trusted_is_found(
    space: dict[str, Any], act: dict[str, Any], check: str
) -> None:
    when = {"fake": "focus", "operation": "getAllEnrollments"}
    made = control(space, "POST", "/faults", {"when": when, "act": act})
    assert made.status == 201, made.body
    found = looked_at(space)
    assert found.exit_code == 1
    assert check in outcomes(found, "failed")


def test_a_wrong_secret_fails_once_and_the_rest_is_skipped(up: Up) -> None:
    found = looked_at(up.document, ONEROSTER_CLIENT_SECRET="wrong-secret")
    assert found.exit_code == 1
    assert outcomes(found, "failed") == ["provider.credentials"]
    assert "provider.references" in outcomes(found, "skipped")
    assert "canvas.root" in outcomes(found, "passed")
    assert not [one for one in found.checks if "wrong-secret" in one.received]


def test_a_client_that_may_only_read_rosters_is_warned_about_passback(
    space: dict[str, Any],
) -> None:
    prefix = "https://purl.imsglobal.org/spec/or/v1p1/scope/"
    asked = {"scopes": [f"{prefix}roster.readonly"], "auth": "oauth2"}
    made = control(space, "POST", "/focus/clients", asked).json()
    found = looked_at(
        space,
        ONEROSTER_CLIENT_ID=made["client_id"],
        ONEROSTER_CLIENT_SECRET=made["client_secret"],
    )
    assert found.exit_code == 0, outcomes(found, "failed")
    warned = outcomes(found, "warning")
    assert {"provider.gradebook.write", "provider.gradebook.categories"} <= set(warned)


def test_signatures_are_tried_where_oauth_1_is_used(space: dict[str, Any]) -> None:
    client = control(space, "POST", "/focus/clients", {"auth": "oauth1"}).json()
    variables = {
        "ONEROSTER_AUTH": "oauth1",
        "ONEROSTER_CLIENT_ID": client["client_id"],
        "ONEROSTER_CLIENT_SECRET": client["client_secret"],
    }
    found = looked_at(space, **variables)
    assert found.exit_code == 0, outcomes(found, "failed")
    assert "provider.credentials" in outcomes(found, "passed")
    variables["ONEROSTER_CLIENT_SECRET"] = "wrong-secret"
    assert outcomes(looked_at(space, **variables), "failed") == ["provider.credentials"]


def canvas_token(space: dict[str, Any], *permissions: str) -> str:
    asked = {"permissions": list(permissions)}
    made = control(space, "POST", "/canvas/tokens", asked)
    assert made.status == 201, made.body
    return str(made.json()["token"])


@pytest.mark.parametrize(
    ("permissions", "wrong"),
    [
        (["read_sis"], ["canvas.imports", "canvas.import_sis", "canvas.manage_sis"]),
        (["read_sis", "import_sis"], ["canvas.manage_sis"]),
        (["manage_sis"], ["canvas.import_sis"]),
    ],
)
def test_rights_that_a_canvas_token_lacks_are_asked_by_name(
    space: dict[str, Any], permissions: list[str], wrong: list[str]
) -> None:
    found = looked_at(space, CANVAS_TOKEN=canvas_token(space, *permissions))
    rights = {"canvas.imports", "canvas.import_sis", "canvas.manage_sis"}
    assert [one for one in outcomes(found, "failed") if one in rights] == wrong


@pytest.mark.parametrize(
    ("permissions", "wrong"),
    [
        (["read_sis"], ["canvas.imports", "canvas.import_sis", "canvas.manage_sis"]),
        (["read_sis", "import_sis"], ["canvas.manage_sis"]),
        (["manage_sis"], []),
    ],
)
def test_a_canvas_that_does_not_tell_rights_shows_them_by_other_reads(
    space: dict[str, Any], permissions: list[str], wrong: list[str]
) -> None:
    rule = {
        "when": {"fake": "canvas", "operation": "getAccountPermissions"},
        "act": {"kind": "status", "status": 404},
    }
    assert control(space, "POST", "/faults", rule).status == 201
    # A fresh Canvas has no course to try on, and shows one right only by an import.
    assert outcomes(looked_at(space), "warning") == ["canvas.import_sis", "canvas.view_all_grades"]
    found = looked_at(space, CANVAS_TOKEN=canvas_token(space, *permissions))
    rights = {"canvas.imports", "canvas.import_sis", "canvas.manage_sis"}
    assert [one for one in outcomes(found, "failed") if one in rights] == wrong


def test_a_canvas_that_takes_no_imports_is_found(space: dict[str, Any]) -> None:
    off = {"allow_sis_import": False, "sis_syncing": False}
    assert control(space, "PATCH", "/canvas/settings", off).status == 200
    found = looked_at(space)
    assert found.exit_code == 1
    assert outcomes(found, "failed") == ["canvas.imports"]
    assert "canvas.sis_syncing" in outcomes(found, "warning")


def test_a_wrong_canvas_token_fails_and_the_rest_is_skipped(up: Up) -> None:
    found = looked_at(up.document, CANVAS_TOKEN="wrong-token")
    assert outcomes(found, "failed") == ["canvas.token"]
    assert "canvas.idle" in outcomes(found, "skipped")


def test_an_expired_certificate_is_found(tmp_path: Path) -> None:
    with Up("--tls", "--district", "tiny", "--now", NOW) as secured:
        trusted = {"SSL_CERT_FILE": secured.document["ca_file"]}
        sound = verb(secured.document, tmp_path, "--json", **trusted)
        assert sound.code == 0, sound.out
        rule = {"when": {"fake": "focus"}, "act": {"kind": "tls", "certificate": "expired"}}
        assert control(secured.document, "POST", "/faults", rule).status == 201
        done = verb(secured.document, tmp_path, "--json", **trusted)
    assert done.code == 1
    wrong = next(one for one in done.json()["checks"] if one["outcome"] == "failed")
    assert wrong["check"] == "provider.tls"
    assert "expired" in wrong["received"]


def test_plain_http_leaves_this_machine_never(up: Up) -> None:
    found = looked_at(up.document, ONEROSTER_BASE_URL="http://sis.example/ims/oneroster/v1p1")
    assert outcomes(found, "failed") == ["provider.tls"]
    assert "nothing was sent" in next(
        one.remedy for one in found.checks if one.check == "provider.tls"
    )


def test_a_peer_that_is_not_there_is_exit_2(up: Up, tmp_path: Path) -> None:
    gone = {"ONEROSTER_BASE_URL": "http://127.0.0.1:9/ims/oneroster/v1p1"}
    done = verb(up.document, tmp_path, "--json", **gone)
    assert done.code == 2
    assert done.json()["verdict"] == "unusable"
    failed = [one["check"] for one in done.json()["checks"] if one["outcome"] == "failed"]
    assert failed == ["provider.tls"]


def test_a_malformed_address_is_exit_2_and_shows_no_password(up: Up, tmp_path: Path) -> None:
    wrong = {"CANVAS_BASE_URL": "https://admin:hunter2@canvas.example"}
    done = verb(up.document, tmp_path, "--json", **wrong)
    assert done.code == 2
    assert "hunter2" not in done.out + done.err
    assert "credentials do not belong into an address" in done.out


def test_nothing_configured_is_exit_2_with_a_remedy(tmp_path: Path) -> None:
    done = homeroom("connect", cwd=tmp_path)
    assert done.code == 2
    assert "homeroom init" in done.err


def test_targets_come_from_homeroom_toml_and_one_side_is_enough(up: Up, tmp_path: Path) -> None:
    canvas = up.document["canvas"]
    file = tmp_path / "homeroom.toml"
    file.write_text(f'[canvas]\nbase_url = "{canvas["base_url"]}"\ntoken = "$OUR_TOKEN"\n')
    config = read_config(file, environ={"OUR_TOKEN": canvas["token"]})
    found = connect(read_targets({}, config))
    assert found.exit_code == 0
    assert "provider.addresses" in outcomes(found, "warning")
    assert "canvas.root" in outcomes(found, "passed")
