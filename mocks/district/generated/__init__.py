"""Generated districts: every record a function of seed, school year, kind and index."""

from homeroom.mocks.district.generated.district import generate_district

__all__ = ["generate_district"]
