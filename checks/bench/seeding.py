"""How long a district takes to be there, against drawing names from Faker one by one."""

import time
from datetime import UTC, datetime

from faker import Faker

from checks.bench.measure import Asked, Bar, Found, interleave
from homeroom.mocks.district import load_district

NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)
SAMPLE = 2_000


def run(asked: Asked) -> Found:
    """Measure records seeded a second, ours against Faker's own weighted names."""

    def seed_large() -> float:
        began = time.perf_counter()
        district = load_district("large", seed=1, now=NOW)
        # Records are made on demand: the columns behind all enrollments, and one of each kind.
        _ = district.columns.enrollments
        for table in district.tables.values():
            if len(table):
                table.record(len(table) - 1)
        return sum(len(table) for table in district.tables.values()) / (time.perf_counter() - began)

    def draw_names() -> float:
        faker = Faker("en_US")
        faker.seed_instance(1)
        began = time.perf_counter()
        for _ in range(SAMPLE):
            faker.first_name()
            faker.last_name()
        return SAMPLE / (time.perf_counter() - began)

    names = ("large: records seeded/s", "Faker: first and last names/s")
    found = interleave(dict(zip(names, (seed_large, draw_names), strict=True)), rounds=asked.rounds)
    ratio = found[names[0]].median / found[names[1]].median
    bar = Bar(id="seeding", text="records seeded / Faker names drawn", ratio=ratio, needed=50)
    return Found(bars=[bar], series=list(found.values()))
