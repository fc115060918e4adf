"""The archive says what the journal says, in the form that other tools open."""

from datetime import UTC, datetime

from homeroom import __version__
from homeroom.mocks.harness.har import to_har
from homeroom.mocks.harness.journal import REDACTED, Exchange

ORIGINS = {"focus": "http://127.0.0.1:4101/s/k3", "canvas": "http://127.0.0.1:4102"}


def exchange() -> Exchange:
    return Exchange(
        seq=7, at=datetime(2026, 9, 1, 6, tzinfo=UTC), fake="focus", client="partner", method="PUT",
        path="/focus/x%2Fy", query="limit=5&access_token=s3", operation_id="putResult", status=201,
        request_type="application/json", request=b'{"givenName": "Zoe", "score": 9}',
        request_size=32, response_type="", response=b"", response_size=0, faults=("f-1",),
        duration_s=0.0125,
    )  # fmt: skip


def test_an_exchange_becomes_an_entry_with_all_that_har_asks_for() -> None:
    archive = to_har([exchange()], ORIGINS, people=True)["log"]
    assert archive["version"] == "1.2"
    assert archive["creator"] == {"name": "Homeroom", "version": __version__}
    assert archive["entries"] == [
        {
            "startedDateTime": "2026-09-01T06:00:00.000Z",
            "time": 12.5,
            "request": {
                "method": "PUT",
                "url": "http://127.0.0.1:4101/s/k3/focus/x%2Fy?limit=5&access_token=%5Bredacted%5D",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": [{"name": "Content-Type", "value": "application/json"}],
                "queryString": [
                    {"name": "limit", "value": "5"},
                    {"name": "access_token", "value": REDACTED},
                ],
                "headersSize": -1,
                "bodySize": 32,
                "postData": {
                    "mimeType": "application/json",
                    "text": '{"givenName":"Zoe","score":9}',
                },
            },
            "response": {
                "status": 201,
                "statusText": "",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": [],
                "content": {"size": 0, "mimeType": "application/octet-stream"},
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": 0,
            },
            "cache": {},
            "timings": {"send": 0, "wait": 12.5, "receive": 0},
            "_seq": 7,
            "_fake": "focus",
            "_operationId": "putResult",
            "_faults": ["f-1"],
        }
    ]


def test_people_of_worlds_that_are_not_ours_are_hidden_here_too() -> None:
    written = str(to_har([exchange()], ORIGINS, people=False))
    assert "Zoe" not in written
    assert "s3" not in written
