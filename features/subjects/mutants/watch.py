"""Mutants about running: reading whole, telling the truth, touching only what is theirs."""

from collections.abc import Callable

from homeroom.features.subjects.mutants.wire import Body, Files, Row, Wire, answer, rows_of
from homeroom.reference.errors import FatalError
from homeroom.reference.transport import Response


class ReadsOnePage(Wire):
    """Reads the first page of each collection and takes it for all."""

    kills = ("RES-PAG-01", "RES-PAG-02")

    def provider_answer(self, response: Response) -> Response:
        if response.status_code != 200:
            return response
        body = response.json()
        body.pop("pagination", None)
        rows = next((value for value in body.values() if isinstance(value, list)), [])
        made = answer(response, body)
        made.headers["X-Total-Count"] = str(len(rows))
        made.headers.pop("Link", None)
        return made


class TakesErrorsForEmpty(Wire):
    """Takes a list that could not be read for an empty one."""

    kills = ("RES-FEED-01", "RES-FEED-02")

    def provider_answer(self, response: Response) -> Response:
        collection = response.url.path.rpartition("/")[2]
        if response.status_code == 200:
            return response
        made = answer(response, {collection: []})
        made.headers["X-Total-Count"] = "0"
        return made


class NeverBrakes(Wire):
    """Declares the brake and has none."""

    kills = ("RES-BRK-01",)
    toml = (
        '[subject.choices]\nrules = "homeroom-safe"\n'
        "[service]\nbrake_floor = 1000000\nsection_floor = 1000000\n"
    )


class AlwaysSaysDone(Wire):
    """Exits 0 whatever happened."""

    kills = ("PRV-RUN-04", "ONB-CON-01", "ONB-CON-02", "ONB-CON-03", "ONB-GPB-01")

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        return 0


class WritesIntoFocus(Wire):
    """Leaves a trace of each night in Focus."""

    kills = ("PRV-RUN-02",)

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        if command == "provision":
            send(
                "PUT",
                "lineItems/homeroom-was-here",
                json={"lineItem": {"sourcedId": "homeroom-was-here", "title": "Synced"}},
            )
        return exit_code


class MintsIdsEachNight(Wire):
    """Gives every section a new id each night."""

    toml = "[service]\nfull_every = 1\n"

    kills = ("PRV-RUN-01", "PRV-SEC-01")

    def files(self, files: Files) -> Files:
        def renamed(row: Row) -> Row:
            return row | {"section_id": f"{row['section_id']}-{self.now[:10]}"}

        return rows_of(rows_of(files, "sections", renamed), "enrollments", renamed)


class StopsAtARefusal(Wire):
    """Gives the whole night up when one record is refused."""

    kills = ("PRV-RUN-03", "PRV-RUN-05")

    def files(self, files: Files) -> Files:
        users = files.get("users", [])
        logins = [row["login_id"] for row in users]
        doubled = any(logins.count(login) > 1 for login in logins)
        return {kind: [] for kind in files} if doubled else files


class RemembersFailure(Wire):
    """Stays away for good once a night has failed."""

    kills = ("ONB-CON-04", "RES-FEED-03")

    def command(self, command: str) -> str:
        return "nothing" if self.seen("failed") else command

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        if exit_code == 2:
            self.is_new("failed")
        return exit_code


class HoldsForGood(Wire):
    """Holds every night after one that was held."""

    kills = ("RES-BRK-03",)

    def command(self, command: str) -> str:
        return "hold" if self.seen("held") else command

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        if exit_code == 4:
            self.is_new("held")
        return exit_code


class AppliesHalf(Wire):
    """Stops half-way through a mass removal, with half of it applied."""

    kills = ("RES-BRK-02",)
    toml = "[service]\nbrake_floor = 1000000\nsection_floor = 1000000\n"

    def files(self, files: Files) -> Files:
        rows = files.get("enrollments", [])
        gone = [row for row in rows if row["status"] == "deleted"]
        if len(gone) < 3:
            return files
        spared = gone[len(gone) // 2 :]
        return {**files, "enrollments": [row for row in rows if row not in spared]}


class GivesUpOnANullRow(Wire):
    """Ends the night at the first enrollment without a user."""

    kills = ("PRV-ENR-11",)

    def record(self, collection: str, record: Body) -> Body:
        if collection == "enrollments" and not record.get("user"):
            raise FatalError(f"{record['sourcedId']} has no user")
        return record
