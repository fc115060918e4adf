"""The ground truth: a district's records, generated or read from a OneRoster 1.1 CSV zip."""

from homeroom.mocks.district.district import District, DistrictError
from homeroom.mocks.district.load import load_district

__all__ = ["District", "DistrictError", "load_district"]
