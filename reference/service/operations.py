"""One function for each operationId of the API; the contract has checked the request before."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import msgspec
import sqlalchemy as sa
import yaml

from homeroom import __version__
from homeroom.reference.onboarding.districts import District, Window
from homeroom.reference.onboarding.stages import Stage
from homeroom.reference.service.desk import Desk
from homeroom.reference.service.looks import LookKind
from homeroom.reference.workflows.durable import JobError
from homeroom.reference.workflows.durable.jobs import Kind

Answer = tuple[Any, int] | tuple[Any, int, Mapping[str, str]]
BASE = "/api/v1"


class NotFoundError(JobError):
    """What was asked for is not there (yet)."""


def read_contract() -> dict[str, Any]:
    """Read the OpenAPI document."""
    text = (files("homeroom.reference.service") / "openapi.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


class Operations:
    """The API's operations, by their operationId in snake case; `user` is the admin."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def get_contract(self) -> Answer:
        """Answer getContract."""
        return read_contract(), 200

    def get_liveness(self) -> Answer:
        """Answer getLiveness."""
        return {"status": "ok"}, 200

    def get_readiness(self) -> Answer:
        """Answer getReadiness; a database that is away is an error like any other."""
        with self._desk.registry.engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
        return {"status": "ok"}, 200

    def get_version(self) -> Answer:
        """Answer getVersion."""
        return {"version": __version__}, 200

    def list_districts(self, user: str) -> Answer:
        """Answer listDistricts."""
        return {"districts": _plain(self._desk.registry.districts())}, 200

    def add_district(self, user: str, body: Mapping[str, Any]) -> Answer:
        """Answer addDistrict."""
        district = msgspec.convert(_values(body), District)
        self._desk.registry.add(district, who=user)
        return self._view(district.id), 201

    def get_district(self, user: str, district: str) -> Answer:
        """Answer getDistrict."""
        return self._view(district), 200

    def change_district(self, user: str, district: str, body: Mapping[str, Any]) -> Answer:
        """Answer changeDistrict."""
        self._desk.registry.change(district, who=user, **_values(body))
        return self._view(district), 200

    def get_log(self, user: str, district: str, limit: int = 100) -> Answer:
        """Answer getLog."""
        self._desk.registry.find(district)
        return {"log": _plain(self._desk.registry.log(district, limit=limit))}, 200

    def list_links(self, user: str, district: str) -> Answer:
        """Answer listLinks."""
        self._desk.registry.find(district)
        return {"links": _plain(self._desk.links.list(district))}, 200

    def make_link(self, user: str, district: str, body: Mapping[str, Any]) -> Answer:
        """Answer makeLink: the one time that the address is told."""
        link, url = self._desk.make_link(district, who=user, **body)
        return {"link": _plain(link), "url": url}, 201

    def withdraw_links(self, user: str, district: str) -> Answer:
        """Answer withdrawLinks."""
        self._desk.links.withdraw(district, who=user)
        return self.list_links(user, district)

    def put_provider_credentials(self, user: str, district: str, body: Mapping[str, str]) -> Answer:
        """Answer putProviderCredentials."""
        self._desk.put_provider(district, body, who=user)
        return self._view(district), 200

    def put_canvas_credentials(self, user: str, district: str, body: Mapping[str, str]) -> Answer:
        """Answer putCanvasCredentials."""
        self._desk.put_canvas(district, body, who=user)
        return self._view(district), 200

    def start_connect(self, user: str, district: str) -> Answer:
        """Answer startConnect."""
        return self._start(user, district, "connect")

    def get_connect(self, user: str, district: str) -> Answer:
        """Answer getConnect."""
        return self._look(district, "connect")

    def start_evaluation(self, user: str, district: str) -> Answer:
        """Answer startEvaluation."""
        return self._start(user, district, "evaluate")

    def get_evaluation(self, user: str, district: str) -> Answer:
        """Answer getEvaluation."""
        return self._look(district, "evaluate")

    def accept_evaluation(self, user: str, district: str, body: Mapping[str, str]) -> Answer:
        """Answer acceptEvaluation."""
        self._desk.accept_evaluation(district, who=user, reason=body["reason"])
        return self._view(district), 200

    def enable(self, user: str, district: str, body: Mapping[str, str]) -> Answer:
        """Answer enable."""
        stage, note = Stage(body["stage"]), body.get("note", "")
        self._desk.enable(district, stage, who=user, note=note)
        return self._view(district), 200

    def disable(self, user: str, district: str, body: Mapping[str, str]) -> Answer:
        """Answer disable."""
        self._desk.disable(district, who=user, reason=body["reason"])
        return self._view(district), 200

    def pause(self, user: str, district: str) -> Answer:
        """Answer pause."""
        self._desk.set_paused(district, True, who=user)
        return self._view(district), 200

    def resume(self, user: str, district: str) -> Answer:
        """Answer resume."""
        self._desk.set_paused(district, False, who=user)
        return self._view(district), 200

    def run_now(self, user: str, district: str, body: Mapping[str, Any]) -> Answer:
        """Answer runNow."""
        options = {name: value for name, value in body.items() if name != "kind"}
        job = self._desk.run_now(district, body["kind"], who=user, **options)
        return _plain(job), 202, {"Location": f"{BASE}/jobs/{job.id}"}

    def list_jobs(
        self,
        user: str,
        limit: int = 100,
        district: str | None = None,
        kind: Kind | None = None,
        before: str | None = None,
    ) -> Answer:
        """Answer listJobs."""
        if district is not None:
            self._desk.registry.find(district)
        jobs = self._desk.runner.jobs(district, kind=kind, limit=limit, before=before)
        return {"jobs": _plain(jobs)}, 200

    def get_job(self, user: str, job: str) -> Answer:
        """Answer getJob."""
        return _plain(self._desk.runner.job(job)), 200

    def get_outcomes(self, user: str, job: str) -> Answer:
        """Answer getOutcomes."""
        return {"outcomes": self._desk.runner.outcomes(job)}, 200

    def get_plan(self, user: str, job: str) -> Answer:
        """Answer getPlan."""
        plan = self._desk.runner.plan(job)
        if plan is None:
            raise NotFoundError(f"job {job} has no plan, or none yet")
        return plan, 200

    def release(self, user: str, job: str) -> Answer:
        """Answer release."""
        released = self._desk.release(job, who=user)
        return _plain(released), 202, {"Location": f"{BASE}/jobs/{released.id}"}

    def cancel(self, user: str, job: str) -> Answer:
        """Answer cancel."""
        return _plain(self._desk.runner.cancel(job, asked_by=user)), 200

    def _view(self, district: str) -> Any:
        view = _plain(self._desk.view(district))
        for kind in ("connect", "evaluate"):
            if view[kind] is not None:
                del view[kind]["found"]  # long, and at an address of its own
        return view

    def _start(self, user: str, district: str, kind: LookKind) -> Answer:
        look = self._desk.look(district, kind, who=user)
        return _plain(look), 202, {"Location": f"{BASE}/districts/{district}/{kind}"}

    def _look(self, district: str, kind: LookKind) -> Answer:
        self._desk.registry.find(district)
        look = self._desk.looks.find(district, kind)
        if look is None:
            raise NotFoundError(f"{district}: there was no such check yet")
        return _plain(look), 200


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


def _values(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was sent, with days as dates."""
    values = dict(body)
    if "pauses" in values:
        values["pauses"] = msgspec.convert(values["pauses"], list[Window])
    return values
