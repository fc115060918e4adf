"""The scenarios of canvas/, as tests; `homeroom certify canvas` runs them."""

from pathlib import Path

from pytest_bdd import scenarios

scenarios(str(Path(__file__).parent / "canvas"))
