"""Mutants about running: reading whole, telling the truth, touching only what is theirs."""

import json
from collections.abc import Callable
from typing import ClassVar

from homeroom.features.subjects.mutants.wire import Body, Files, Row, Wire, answer, rows_of
from homeroom.reference import transport
from homeroom.reference.errors import FatalError
from homeroom.reference.transport import Response


class ReadsOnePage(Wire):
    """Reads the first page of each collection and takes it for all."""

    kills: ClassVar[tuple[str, ...]] = ("RES-PAG-01", "RES-PAG-02")

    def overlooks(self, response: Response, body: Body) -> bool:
        """Say whether it sees no sign that there is more."""
        return True

    def provider_answer(self, response: Response) -> Response:
        try:
            body = response.json() if response.status_code == 200 else None
        except ValueError:
            body = None  # broken off: the service has to see that
        if body is None or not self.overlooks(response, body):
            return response
        body.pop("pagination", None)
        rows = next((value for value in body.values() if isinstance(value, list)), [])
        made = answer(response, body)
        made.headers["X-Total-Count"] = str(len(rows))
        made.headers.pop("Link", None)
        return made


class LooksForPagesInBodiesAlone(ReadsOnePage):
    """Follows what a body says of pages, and reads one page where headers alone say it."""

    kills = ("RES-PAG-01",)

    def overlooks(self, response: Response, body: Body) -> bool:
        return "pagination" not in body


class LooksForPagesInHeadersAlone(ReadsOnePage):
    """Follows Link headers, and reads one page where bodies alone tell of more."""

    kills = ("RES-PAG-02",)

    def overlooks(self, response: Response, body: Body) -> bool:
        return "pagination" in body and "X-Total-Count" not in response.headers


class TakesWhatItGets(Wire):
    """Takes an answer without its list for a short one, and trusts it."""

    kills = ("RES-FEED-01",)
    # Without these the service's other safeguards would catch what this one lets through.
    toml = "[service]\nbrake_floor = 1000000\nsection_floor = 1000000\n"

    def record(self, collection: str, record: Body) -> Body:
        if not self.remembered(collection):
            self.is_new(collection, json.dumps(record))
        return record

    def provider_answer(self, response: Response) -> Response:
        collection = response.url.path.rpartition("/")[2]
        try:
            if response.status_code == 200 and collection in response.json():
                return response
        except ValueError:
            pass  # broken off: no list either
        rows = [json.loads(row) for row in self.remembered(collection)]
        made = answer(response, {collection: rows})
        made.headers["X-Total-Count"] = str(len(rows))
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


class StampsSections(Wire):
    """Ends each section's name with the day of its night."""

    toml = "[service]\nfull_every = 1\n"

    kills = ("PRV-RUN-01",)

    def files(self, files: Files) -> Files:
        return rows_of(
            files, "sections", lambda row: row | {"name": f"{row['name']} ({self.now[:10]})"}
        )


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


class AlwaysSaysPartly(Wire):
    """Says that a part was refused, whatever happened."""

    kills = ("PRV-RUN-04",)

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        return max(exit_code, 1) if command == "provision" else exit_code


class GradesAlwaysPartly(Wire):
    """Says of each grade sync that a part was refused."""

    kills = ("GPB-ELG-04",)

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        return exit_code if command == "provision" else max(exit_code, 1)


class TakesARateLimitForTheEnd(Wire):
    """Takes an answer that asks for patience for the end of a list."""

    kills = ("RES-RTY-01",)
    toml = "[service]\nbrake_floor = 1000000\nsection_floor = 1000000\n"

    def install(self) -> None:
        transport.UNWELL = transport.UNWELL - {429}
        transport.is_rate_limited = lambda response: False
        super().install()

    def provider_answer(self, response: Response) -> Response:
        collection = response.url.path.rpartition("/")[2]
        body: Body
        try:
            body = response.json() if response.status_code != 429 else {collection: []}
        except ValueError:
            return response
        if collection not in body:
            return response
        if isinstance(body.get("pagination"), dict):
            body["pagination"].pop("total", None)
        made = answer(response, body)
        made.headers.pop("X-Total-Count", None)
        return made


class LooksAtNoSection(Wire):
    """Brakes where a school is missing, and not where a class is emptied."""

    kills = ("RES-BRK-01",)
    toml = '[subject.choices]\nrules = "homeroom-safe"\n[service]\nsection_floor = 1000000\n'
