"""Makes the steps known; the subject and its worlds come from homeroom.certify's plugin."""

pytest_plugins = [
    "homeroom.features.steps.nights",
    "homeroom.features.steps.places",
    "homeroom.features.steps.people",
    "homeroom.features.steps.seats",
    "homeroom.features.steps.grades",
]
