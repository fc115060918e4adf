"""Settings of quirks: what real Focus data and services do that surprises consumers."""

from homeroom.mocks.focus_oneroster.settings.setting import Setting

QUIRK_SETTINGS = (
    Setting("null_end_dates", "records", False, "Open enrollments have no end date.", "[F4970]"),
    Setting(
        "full_year_without_term",
        "records",
        False,
        "Full-year classes come without a term.",
        "[F4987]",
    ),
    Setting(
        "duplicate_enrollments",
        "records",
        False,
        "A pupil's place in a class comes twice, with an older stint.",
        "[FGBI]",
    ),
    Setting(
        "null_references",
        "records",
        False,
        "Enrollments with a null user, class or school.",
        "[FCLI], inferred",
    ),
    Setting(
        "edited_uuid",
        "records",
        False,
        "Users whose sourcedId was edited: another id, the same person.",
        "[FUI]",
    ),
    Setting(
        "highest_profile_role",
        "records",
        False,
        "Teachers with an administrator's profile arrive as administrators.",
        "[FTPS]",
    ),
    Setting(
        "excluded_marking_periods",
        "records",
        False,
        "Sessions left out of the API while classes still refer to them.",
        "[FCOLS]",
    ),
    Setting(
        "several_primary_teachers",
        "records",
        False,
        "Classes whose teachers are all primary.",
        "[FERD]",
    ),
    Setting(
        "deleted_line_items",
        "records",
        False,
        "Line items deleted in Focus's gradebook.",
        "[ERR]",
    ),
    Setting(
        "missing_routes",
        "names",
        [],
        "Operations that answer 404, API Route Not Found.",
        "[ERR]",
    ),
    Setting(
        "refuse_due_dates",
        "boolean",
        False,
        "Every line item gets 422, Invalid Due Date.",
        "[ERR]",
    ),
    Setting(
        "slow_operations",
        "seconds",
        {},
        "Operations that take so long, in real time.",
        "[RIC]; Focus reference 9",
    ),
    Setting(
        "cut_off_pages",
        "names",
        [],
        "Operations whose answers break off in the middle.",
        "Focus reference 8 #5 and 9",
    ),
    Setting(
        "missing_envelope",
        "names",
        [],
        "Operations that answer 200 without the key of their records.",
        "[CDO2]",
    ),
)
