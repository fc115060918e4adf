"""CSV packages for tests: a sound one, and ways to spoil it."""

import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from homeroom.mocks.district.csv_binding.layout import COLUMNS, FILES

NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)


Files = dict[str, bytes]


Refused = Callable[..., tuple[str, ...]]


def sheet(file: str, *rows: str) -> bytes:
    header = ",".join(column.header for column in COLUMNS[file])
    return "\r\n".join((header, *rows, "")).encode()


def manifest(modes: Mapping[str, str]) -> bytes:
    rows = ["propertyName,value", "manifest.version,1.0", "oneroster.version,1.1"]
    rows += [f"file.{file},{modes.get(file, 'absent')}" for file in FILES]
    return "\r\n".join((*rows, "")).encode()


def sound() -> Files:
    """A package with nothing wrong: a school, a class, a teacher, a student."""
    files = {
        "academicSessions": sheet(
            "academicSessions", "y,,,Year,schoolYear,2026-08-10,2027-05-29,,2027"
        ),
        "orgs": sheet("orgs", "d,,,District,district,07,", "s,,,School,school,0011,d"),
        "courses": sheet("courses", "co,,,y,Algebra 1,1200310,09,s,Mathematics,02052"),
        "classes": sheet("classes", "c,,,Algebra 1 - 001,09,co,1200310-001,scheduled,012,s,y,,,1"),
        "users": sheet(
            "users",
            "t,,,true,s,teacher,ruiz,{LDAP:ruiz},Ana,Ruiz,,0042,,,,,,",
            's1,,,true,"s,d",student,obrien,,José,O\'Brien,,00017,,,,,09,',
        ),
        "enrollments": sheet(
            "enrollments",
            "e1,,,c,s,t,teacher,true,2026-08-10,2027-05-29",
            "e2,,,c,s,s1,student,false,2026-08-10,2027-05-29",
        ),
    }
    return {f"{file}.csv": data for file, data in files.items()} | {
        "manifest.csv": manifest(dict.fromkeys(files, "bulk"))
    }


def pack(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def replaced(name: str, old: str, new: str | bytes) -> Files:
    data = sound()[name]
    assert old.encode() in data
    return {name: data.replace(old.encode(), new if isinstance(new, bytes) else new.encode(), 1)}
