"""What holds for every test that comes to a house in a browser."""

from collections.abc import Iterator

import pytest

from tests.service.pages.browsing import House


@pytest.fixture(autouse=True)
def no_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    """A page's console has nothing to complain of."""
    house: House | None = request.getfixturevalue("house") if "house" in request.fixturenames else None
    yield
    if house is not None:
        faults, house.faults = house.faults, []
        assert faults == []
