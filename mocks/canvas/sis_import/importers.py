"""The importer of each CSV type."""

from collections.abc import Mapping

from homeroom.mocks.canvas.sis_import.abstract_courses import AbstractCourseImporter
from homeroom.mocks.canvas.sis_import.accounts import AccountImporter
from homeroom.mocks.canvas.sis_import.admins import AdminImporter
from homeroom.mocks.canvas.sis_import.change_sis_ids import ChangeSisIdImporter
from homeroom.mocks.canvas.sis_import.context import Importer
from homeroom.mocks.canvas.sis_import.courses import CourseImporter
from homeroom.mocks.canvas.sis_import.enrollments import EnrollmentImporter
from homeroom.mocks.canvas.sis_import.grade_publishing_results import (
    GradePublishingResultsImporter,
)
from homeroom.mocks.canvas.sis_import.groups import (
    GroupCategoryImporter,
    GroupImporter,
    GroupMembershipImporter,
)
from homeroom.mocks.canvas.sis_import.logins import LoginImporter
from homeroom.mocks.canvas.sis_import.sections import SectionImporter
from homeroom.mocks.canvas.sis_import.terms import TermImporter
from homeroom.mocks.canvas.sis_import.user_observers import UserObserverImporter
from homeroom.mocks.canvas.sis_import.users import UserImporter
from homeroom.mocks.canvas.sis_import.xlists import XlistImporter

IMPORTERS: Mapping[str, type[Importer]] = {
    importer.kind: importer
    for importer in (
        ChangeSisIdImporter,
        AccountImporter,
        TermImporter,
        AbstractCourseImporter,
        CourseImporter,
        SectionImporter,
        XlistImporter,
        UserImporter,
        LoginImporter,
        EnrollmentImporter,
        AdminImporter,
        GroupCategoryImporter,
        GroupImporter,
        GroupMembershipImporter,
        GradePublishingResultsImporter,
        UserObserverImporter,
    )
}
"""By the type's name."""
