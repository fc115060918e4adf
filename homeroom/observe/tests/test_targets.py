"""Peers of an observation: where they are found, and that they are only read."""

import pytest

from homeroom.config import CanvasTarget, Config, ConfigError, OneRosterTarget
from homeroom.observe import targets

CONFIG = Config(
    oneroster=OneRosterTarget(
        base_url="https://sis.example/", auth="oauth1", client_id="us", client_secret="s"
    ),
    canvas=CanvasTarget(base_url="https://canvas.example", token="t"),
)


def test_the_environment_comes_before_the_file() -> None:
    assert targets.provider(CONFIG, {}).base_url == "https://sis.example"
    given = {"ONEROSTER_BASE_URL": "https://other.example", "ONEROSTER_AUTH": "oauth2"}
    assert targets.provider(CONFIG, given).base_url == "https://other.example"
    assert targets.canvas(CONFIG, {}).base_url == "https://canvas.example"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_is_ever_written(method: str) -> None:
    with targets.canvas(CONFIG, {}) as canvas, pytest.raises(targets.ReadOnlyError):
        canvas.request(method, "/api/v1/accounts/1/courses")


@pytest.mark.parametrize(
    ("config", "environ", "told"),
    [
        (Config(), {}, r"\[oneroster\] base_url is missing; give it there, or set ONEROSTER"),
        (CONFIG, {"ONEROSTER_AUTH": "saml"}, "'saml'; allowed are oauth2 and oauth1"),
        (CONFIG, {"ONEROSTER_BASE_URL": "sis.example"}, "allowed is an http or https address"),
    ],
)
def test_a_target_that_is_none_is_refused_by_name(
    config: Config, environ: dict[str, str], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        targets.provider(config, environ)
