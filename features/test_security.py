"""The scenarios of security/, as tests; `homeroom certify` runs them."""

from pathlib import Path

from pytest_bdd import scenarios

scenarios(str(Path(__file__).parent / "security"))
