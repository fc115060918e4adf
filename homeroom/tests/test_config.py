"""homeroom.toml is read strictly, and says what is wrong with it."""

from datetime import date
from pathlib import Path

import pytest

from homeroom.config import Choices, Config, ConfigError, CourseKey, Waiver, read_config


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "homeroom.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_means_the_references_defaults(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    assert read_config(path) == Config(path=path)
    assert read_config(path).subject.choices == Choices()


def test_target_choices_and_waivers_are_read(tmp_path: Path) -> None:
    text = """
[subject]
provision = ["my-sync", "--nightly"]
[subject.choices]
course_key = "course+term"
brake = false
[[waivers]]
requirement = "GPB-RES-04"
reason = "half points are rounded until release 4.2"
owner = "sis-team"
expires = 2027-01-31
"""
    config = read_config(write(tmp_path, text))
    assert config.subject.provision == ("my-sync", "--nightly")
    assert config.subject.choices == Choices(course_key=CourseKey.COURSE_TERM, brake=False)
    assert config.waivers == (
        Waiver(
            requirement="GPB-RES-04",
            reason="half points are rounded until release 4.2",
            owner="sis-team",
            expires=date(2027, 1, 31),
        ),
    )


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[subject]\nkind = 'sink'", "subject.kind"),
        ("[subject.choices]\ncourse_keys = 'class'", "course_keys"),
        ("[subject.choices]\nremoved = 'gone'", "subject.choices.removed"),
        ("[[waivers]]\nrequirement = 'A'", "waivers"),
        ("[subject]\nprovision = []", "subject.provision is []; allowed is a list, not empty"),
        ("path = 'elsewhere.toml'", "there is no setting 'path'"),
        ("not toml", "is no TOML"),
        ("[oneroster]\nbase_url='x'\nclient_id='k'\nclient_secret='$NOT_SET_HERE'", "NOT_SET_HERE"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_field(tmp_path: Path, text: str, part: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert part in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_saved_by_notepad_is_read(tmp_path: Path) -> None:
    path = tmp_path / "homeroom.toml"
    path.write_bytes(b"\xef\xbb\xbf[subject]\r\nname = 'ours'\r\n")
    assert read_config(path).subject.name == "ours"


def test_what_is_no_date_is_told_how_dates_are_written(tmp_path: Path) -> None:
    waiver = "[[waivers]]\nrequirement='A'\nreason='r'\nowner='o'\nexpires='soon'"
    with pytest.raises(ConfigError, match="'soon'; allowed is a date such as 2027-01-31"):
        read_config(write(tmp_path, waiver))


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    text = "[canvas]\nbase_url = 'https://canvas.example'\ntoken = '$CANVAS_TOKEN'"
    canvas = read_config(write(tmp_path, text), environ={"CANVAS_TOKEN": "t"}).canvas
    assert canvas is not None
    assert canvas.token == "t"


def test_a_named_file_that_is_missing_is_an_error_and_the_default_is_not(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="homeroom init"):
        read_config(tmp_path / "other.toml")


def test_the_default_file_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_config() == Config()
