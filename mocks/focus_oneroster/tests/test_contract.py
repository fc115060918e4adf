"""The contract holds the whole of OneRoster 1.1, and the README names every setting."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from homeroom.mocks.focus_oneroster.fake import FocusFake
from homeroom.mocks.focus_oneroster.model import MODELS, Kind
from homeroom.mocks.focus_oneroster.settings import SETTINGS
from homeroom.mocks.focus_oneroster.tokens import SCOPE_PREFIX, SCOPES
from homeroom.mocks.harness.contract import load_contract

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOM = Path(__file__).parents[1]
ROSTERING = [
    "getAllAcademicSessions",
    "getAcademicSession",
    "getAllClasses",
    "getClass",
    "getAllCourses",
    "getCourse",
    "getAllGradingPeriods",
    "getGradingPeriod",
    "getAllDemographics",
    "getDemographics",
    "getAllEnrollments",
    "getEnrollment",
    "getAllOrgs",
    "getOrg",
    "getAllSchools",
    "getSchool",
    "getAllStudents",
    "getStudent",
    "getAllTeachers",
    "getTeacher",
    "getAllTerms",
    "getTerm",
    "getAllUsers",
    "getUser",
    "getCoursesForSchool",
    "getEnrollmentsForClassInSchool",
    "getStudentsForClassInSchool",
    "getTeachersForClassInSchool",
    "getEnrollmentsForSchool",
    "getStudentsForSchool",
    "getTeachersForSchool",
    "getTermsForSchool",
    "getClassesForSchool",
    "getClassesForTerm",
    "getGradingPeriodsForTerm",
    "getClassesForCourse",
    "getClassesForStudent",
    "getClassesForTeacher",
    "getClassesForUser",
    "getStudentsForClass",
    "getTeachersForClass",
]
RESOURCES = ["getAllResources", "getResource", "getResourcesForCourse", "getResourcesForClass"]
GRADEBOOK = [
    "getAllCategories",
    "getCategory",
    "putCategory",
    "deleteCategory",
    "getAllLineItems",
    "getLineItem",
    "putLineItem",
    "deleteLineItem",
    "getAllResults",
    "getResult",
    "putResult",
    "deleteResult",
    "getResultsForClass",
    "getLineItemsForClass",
    "getResultsForLineItemForClass",
    "getResultsForStudentForClass",
]
OURS = {"createToken", "deleteToken", "getCategoriesForClass"}


@pytest.fixture(scope="module")
def contract() -> "Mapping[str, Any]":
    """The document that the fake is served from."""
    return load_contract(FocusFake.contract)


def operations(contract: "Mapping[str, Any]") -> dict[str, Any]:
    """Every operation of the contract by its operationId."""
    return {
        operation["operationId"]: operation
        for path in contract["paths"].values()
        for operation in path.values()
    }


def test_all_61_operations_are_there_and_ours_beside_them(contract: "Mapping[str, Any]") -> None:
    standard = [*ROSTERING, *RESOURCES, *GRADEBOOK]

    assert (len(ROSTERING), len(RESOURCES), len(GRADEBOOK)) == (41, 4, 16)
    assert set(operations(contract)) == {*standard, *OURS}
    assert FocusFake.unsupported == frozenset()


def test_every_collection_read_takes_the_six_parameters(contract: "Mapping[str, Any]") -> None:
    six = {"limit", "offset", "sort", "orderBy", "filter", "fields"}
    for name, operation in operations(contract).items():
        names = {one["$ref"].rsplit("/", 1)[1] for one in operation.get("parameters", [])
                 if "$ref" in one}  # fmt: skip
        if name.startswith("getAll") or "For" in name:
            assert six <= names, name
        elif name.startswith("get"):
            assert names & six == {"fields"}, name


def test_every_operation_but_the_token_s_asks_for_scopes(contract: "Mapping[str, Any]") -> None:
    flows = contract["components"]["securitySchemes"]["oauth2"]["flows"]
    assert set(flows["clientCredentials"]["scopes"]) == set(SCOPES)

    asked = {
        name: [scope for one in operation["security"] for scope in one.get("oauth2", ())]
        for name, operation in operations(contract).items()
    }

    assert {name for name, scopes in asked.items() if not scopes} == {"createToken", "deleteToken"}
    assert asked["getAllUsers"] == [
        f"{SCOPE_PREFIX}roster-core.readonly", f"{SCOPE_PREFIX}roster.readonly",
    ]  # fmt: skip
    assert asked["getStudentsForClass"] == [f"{SCOPE_PREFIX}roster.readonly"]
    assert asked["putResult"] == [f"{SCOPE_PREFIX}gradebook.createput"]


def test_schemas_have_the_fields_of_the_model(contract: "Mapping[str, Any]") -> None:
    schemas = contract["components"]["schemas"]
    for model in MODELS.values():
        schema = schemas[model.singular[0].upper() + model.singular[1:]]
        assert list(schema["properties"]) == list(model.fields), model.name
        required = {field.name for field in model.fields.values() if field.required}
        assert set(schema["required"]) == required, model.name
        for field in model.references:
            kind = "GUIDRefs" if field.kind is Kind.REFS else "GUIDRef"
            assert schema["properties"][field.name] == {"$ref": f"#/components/schemas/{kind}"}


def test_readme_names_every_setting_with_its_source() -> None:
    text = (ROOM / "README.md").read_text(encoding="utf-8")

    missing = [
        name
        for name, setting in SETTINGS.items()
        if f"| `{name}` |" not in text or f"| {setting.source} |" not in text
    ]

    assert missing == []
