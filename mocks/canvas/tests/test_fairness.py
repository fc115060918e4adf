"""A large import leaves others their turn, and hostile ones end well."""

import asyncio

from homeroom.mocks.canvas.tests.driver import Canvas


def test_large_import_gives_others_their_turn(canvas: Canvas) -> None:
    rows = "".join(f"U{n},l{n},active\n" for n in range(20_000))
    reply = canvas.send("user_id,login_id,status\n" + rows)
    turns = 0

    async def watch() -> None:
        nonlocal turns
        while canvas.world.batches.rows[0].workflow_state in ("created", "importing"):
            turns += 1
            await asyncio.sleep(0)

    canvas.fake.run(watch())
    assert canvas.shown(reply.json()["id"])["data"]["counts"]["users"] == 20_000
    assert turns > 10


def test_many_messages_are_counted_and_paged(canvas: Canvas) -> None:
    rows = "".join(f",l{n},active\n" for n in range(3000))
    ended = canvas.load("user_id,login_id,status\n" + rows)
    assert ended["data"]["counts"]["warning_count"] == 3000
    assert len(ended["processing_warnings"]) == 25
    page = canvas.get("/api/v1/accounts/1/sis_imports/1/errors", per_page=2, page=2)
    assert [error["row"] for error in page["sis_import_errors"]] == [2999, 2998]


def test_token_endpoint_refuses_and_revokes(canvas: Canvas) -> None:
    path = "/login/oauth2/token"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = canvas.fake.call("POST", path, headers=form, body=b"grant_type=password")
    assert (reply.status, reply.json()["error"]) == (400, "unsupported_grant_type")
    reply = canvas.fake.call(
        "POST", path, headers=form, body=b"grant_type=client_credentials&client_id=1"
    )
    assert (reply.status, reply.json()) == (
        401, {"error": "invalid_client", "error_description": "unknown client"},
    )  # fmt: skip
    assert reply.headers["www-authenticate"] == "Canvas OAuth 2.0"
    token = canvas.world.add_token_for(1)
    assert canvas.call("DELETE", path, token=token).status == 200
    assert canvas.call("GET", "/api/v1/users/self", token=token).json() == {
        "errors": [{"message": "Revoked access token."}]
    }
