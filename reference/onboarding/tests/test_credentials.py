"""What a district enters is checked by field, and no secret is repeated."""

import pytest

from homeroom.reference.onboarding.credentials import (
    CredentialsError,
    ProviderCredentials,
    parse_canvas,
    parse_provider,
)

GOOD = {
    "base_url": "https://leon.focusschoolsoftware.com/focus/api/1.0/ims/oneroster/v1p1",
    "auth": "oauth2",
    "client_id": "a-key",
    "client_secret": "s3cr3t/with+signs=",
}


def test_copied_blanks_and_a_trailing_slash_are_dropped() -> None:
    given = {name: f" {value}\n" for name, value in GOOD.items()}
    given["base_url"] = f" {GOOD['base_url']}/ "
    assert parse_provider(given) == ProviderCredentials(
        base_url=GOOD["base_url"],
        token_url=f"{GOOD['base_url']}/token",
        auth="oauth2",
        client_id="a-key",
        client_secret="s3cr3t/with+signs=",
    )


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("base_url", "", "is missing"),
        ("base_url", "leon.focus.example", "begins with https://"),
        ("base_url", "ftp://leon.example", "begins with https://"),
        ("base_url", "http://leon.example", "not sent in the clear"),
        ("base_url", "https://user:pw@leon.example", "holds credentials"),
        ("base_url", "https://leon.example/v1p1?limit=1", "before any ?"),
        ("base_url", "https://leon.example/v1p1#", "before any ?"),
        ("base_url", "https://leon.example/v1p1/users/", "leave its last part off"),
        ("base_url", "https://leon.example:99999/", "is no address"),
        ("base_url", "https://leon example", "is no address"),
        ("base_url", "https://[::1", "is no address"),
        ("base_url", "https://127.0.0.1/v1p1", "private network"),
        ("base_url", "https://2130706433/v1p1", "private network"),
        ("base_url", "https://0x7f.1/v1p1", "private network"),
        ("base_url", "https://169.254.169.254/latest", "private network"),
        ("base_url", "https://10.0.0.7/v1p1", "private network"),
        ("base_url", "https://[::ffff:10.0.0.7]/v1p1", "private network"),
        ("base_url", "https://localhost/v1p1", "private network"),
        ("base_url", "https://x.example/" + "a" * 2100, "is no address"),
        ("token_url", "http://leon.example/token", "not sent in the clear"),
        ("auth", "basic", "oauth2 or oauth1"),
        ("client_id", "", "is missing"),
        ("client_id", "https://leon.example", "is an address"),
        ("client_secret", "two words", "has blanks"),
        ("client_secret", "s\u00e9cret", "has blanks, or characters"),
        ("client_secret", "x\x00y", "has blanks, or characters"),
        ("client_secret", "z" * 2049, "is longer than 2048"),
        ("client_secret", "a-key", "the same as the key"),
    ],
)
def test_what_cannot_be_right_is_refused_by_field(field: str, value: str, said: str) -> None:
    with pytest.raises(CredentialsError) as refused:
        parse_provider({**GOOD, field: value})
    assert list(refused.value.problems) == [field]
    assert said in refused.value.problems[field]
    assert GOOD["client_secret"] not in str(refused.value)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(CredentialsError) as refused:
        parse_provider({"base_url": "x", "client_id": " "})
    assert set(refused.value.problems) == {"base_url", "client_id", "client_secret"}


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:4101/v1p1", "http://[::1]:1/x", "https://10.1.2.3"]
)
def test_rehearsal_may_use_peers_on_this_machine(url: str) -> None:
    assert parse_provider({**GOOD, "base_url": url}, private=True).base_url == url
    with pytest.raises(CredentialsError):
        parse_provider({**GOOD, "base_url": url})


def test_rehearsal_sends_secrets_in_the_clear_to_this_machine_alone() -> None:
    with pytest.raises(CredentialsError, match="in the clear"):
        parse_provider({**GOOD, "base_url": "http://10.1.2.3/v1p1"}, private=True)


def test_canvas_is_an_address_and_a_token() -> None:
    assert (
        parse_canvas({"base_url": "https://leon.instructure.com/", "token": "1~x"}).token == "1~x"
    )
    with pytest.raises(CredentialsError) as refused:
        parse_canvas({"base_url": "https://leon.instructure.com/api/v1", "token": ""})
    assert set(refused.value.problems) == {"base_url", "token"}
