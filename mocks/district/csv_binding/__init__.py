"""OneRoster 1.1's CSV binding: a district read from a zip of CSV files, and written as one."""

from homeroom.mocks.district.csv_binding.delta import read_delta, write_delta
from homeroom.mocks.district.csv_binding.read import read_district
from homeroom.mocks.district.csv_binding.write import csv_chunks, digest, write_district

__all__ = ["csv_chunks", "digest", "read_delta", "read_district", "write_delta", "write_district"]
