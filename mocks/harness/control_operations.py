"""Operations of the control plane that are about spaces themselves."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from homeroom.mocks.district import DistrictError
from homeroom.mocks.harness.clock import iso_millis, parse_clock_time
from homeroom.mocks.harness.faults import (
    ACTS,
    CHOICES,
    HANDSHAKE,
    FaultRule,
    FaultRuleError,
    parse_rule,
    to_document,
)
from homeroom.mocks.harness.faults.bundles import list_bundles
from homeroom.mocks.harness.request import (
    Answer,
    Refusal,
    VendorError,
    current_request,
    current_space,
)

if TYPE_CHECKING:
    from homeroom.mocks.harness.control import ControlPlane


def _plane() -> "ControlPlane":
    return cast("ControlPlane", current_request().fake)


async def get_contract() -> Answer:
    """Answer getContract: the control plane's own document."""
    return _contract("control")


async def get_fake_contract(fake: str) -> Answer:
    """Answer getFakeContract: the document a fake is served from."""
    return _contract(fake.removesuffix(".json"))


def _contract(name: str) -> Answer:
    contracts = _plane().contracts
    if name not in contracts:
        raise Refusal(
            status=404,
            reason="route",
            detail=f"no contract {name!r}; there are: {', '.join(contracts)}",
        )
    return contracts[name]()


async def list_spaces() -> Answer:
    """Answer listSpaces."""
    plane = _plane()
    return {"spaces": [plane.space_document(space) for space in plane.spaces]}


async def create_space(body: dict[str, Any] | None = None) -> Answer:
    """Answer createSpace; a district that cannot be loaded makes no space."""
    plane, asked = _plane(), body or {}
    try:
        space = await plane.spaces.create(
            district=asked.get("district", "empty"),
            seed=asked.get("seed", 1),
            now=_clock_time(asked),
        )
    except DistrictError as error:
        raise VendorError(422, {"error": str(error), "field": "district"}) from error
    return plane.space_document(space), 201


def _clock_time(asked: Mapping[str, Any]) -> datetime | None:
    if "now" not in asked:
        return None
    try:
        return parse_clock_time(asked["now"])
    except ValueError as error:
        raise VendorError(422, {"error": f"now: {error}", "field": "now"}) from None


async def get_space() -> Answer:
    """Answer getSpace."""
    return _plane().space_document(current_space())


async def delete_space() -> Answer:
    """Answer deleteSpace."""
    await _plane().spaces.drop(current_space())
    return None, 204


async def reset_space() -> Answer:
    """Answer resetSpace."""
    plane, space = _plane(), current_space()
    await plane.spaces.reset(space)
    return plane.space_document(space)


async def get_clock() -> Answer:
    """Answer getClock."""
    clock = current_space().clock
    return {"now": iso_millis(clock.now()), "frozen": clock.frozen}


async def put_clock(body: dict[str, Any]) -> Answer:
    """Answer putClock, after the jobs due at the new time."""
    space = current_space()
    space.clock.set(_clock_time(body), frozen=body.get("frozen"))
    await space.run_due_jobs()
    return await get_clock()


async def advance_clock(body: dict[str, Any]) -> Answer:
    """Answer advanceClock, after the jobs due at the new time."""
    space = current_space()
    try:
        space.clock.advance(body["seconds"])
    except ValueError as error:
        raise VendorError(
            422, {"error": f"seconds: {body['seconds']}: {error}", "field": "seconds"}
        ) from None
    await space.run_due_jobs()
    return await get_clock()


async def list_fault_kinds() -> Answer:
    """Answer listFaultKinds."""
    return {"kinds": {kind: dict(parameters) for kind, parameters in ACTS.items()}}


async def list_faults() -> Answer:
    """Answer listFaults."""
    return {"faults": [to_document(rule) for rule in current_space().faults]}


def _operations() -> dict[str, list[str]]:
    return {
        name: [
            operation["operationId"]
            for item in contract()["paths"].values()
            for operation in item.values()
            if isinstance(operation, dict) and "operationId" in operation
        ]
        for name, contract in _plane().contracts.items()
        if name != "control"
    }


async def list_fault_bundles() -> Answer:
    """Answer listFaultBundles."""
    return {
        "bundles": [
            {"name": one.name, "about": one.about, "rules": list(one.rules)}
            for one in list_bundles()
        ]
    }


async def add_fault_bundle(name: str) -> Answer:
    """Answer addFaultBundle: all of its rules, or none."""
    book = current_space().faults
    known = [bundle for bundle in list_bundles() if bundle.name == name]
    if not known:
        names = ", ".join(bundle.name for bundle in list_bundles())
        raise Refusal(status=404, reason="route", detail=f"no bundle {name!r}; there are: {names}")
    try:
        rules = known[0].parse(book, _operations())
    except FaultRuleError as error:
        raise VendorError(422, {"error": str(error)}) from error
    for rule in rules:
        book.add(rule)
    return {"faults": [to_document(rule) for rule in rules]}, 201


async def create_fault(body: dict[str, Any]) -> Answer:
    """Answer createFault; a rule with anything unknown in it is refused and nothing changes."""
    book, operations = current_space().faults, _operations()
    try:
        rule = parse_rule(
            body, default_id=book.next_id(), operations=operations, acts=ACTS, choices=CHOICES
        )
    except FaultRuleError as error:
        raise VendorError(422, {"error": str(error)}) from error
    if rule.kind == HANDSHAKE and not _plane().serves_tls:
        raise VendorError(
            422, {"error": "act.kind: 'tls' needs fakes that speak it: start with `up --tls`"}
        )
    book.add(rule)
    return to_document(rule), 201


def _find_fault(rule_id: str) -> FaultRule:
    book = current_space().faults
    rule = book.find(rule_id)
    if rule is None:
        known = ", ".join(one.id for one in book) or "none"
        raise Refusal(
            status=404, reason="route", detail=f"no fault {rule_id!r}; there are: {known}"
        )
    return rule


async def get_fault(id_: str) -> Answer:
    """Answer getFault."""
    return to_document(_find_fault(id_))


async def delete_fault(id_: str) -> Answer:
    """Answer deleteFault."""
    current_space().faults.remove(_find_fault(id_).id)
    return None, 204


async def delete_faults() -> Answer:
    """Answer deleteFaults."""
    current_space().faults.clear()
    return None, 204
