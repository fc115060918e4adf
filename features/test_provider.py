"""The scenarios of provider/, as tests; `homeroom certify provider` runs them."""

from pathlib import Path

from pytest_bdd import scenarios

scenarios(str(Path(__file__).parent / "provider"))
