"""Makes the steps known; the subject and its worlds come from homeroom.certify's plugin."""

pytest_plugins = [
    "homeroom.features.steps.nights",
    "homeroom.features.steps.places",
    "homeroom.features.steps.people",
    "homeroom.features.steps.seats",
    "homeroom.features.steps.grades",
    "homeroom.features.steps.discretion",
    "homeroom.features.steps.provider",
    "homeroom.features.steps.provider_views",
    "homeroom.features.steps.provider_pages",
    "homeroom.features.steps.provider_queries",
    "homeroom.features.steps.provider_security",
    "homeroom.features.steps.provider_changes",
    "homeroom.features.steps.provider_gradebook",
    "homeroom.features.steps.provider_needs",
    "homeroom.features.steps.canvas_account",
    "homeroom.features.steps.canvas_imports",
]
