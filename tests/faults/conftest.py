"""One installation on the run's own database and broker, shared by the tests of faults: each begins it anew."""

import pytest

from tests.faults.fleet import fleet, seed_of_run


@pytest.fixture(scope="session")
def ships(tmp_path_factory):
    with fleet(tmp_path_factory.mktemp("faults"), "faults", seed=seed_of_run()) as found:
        yield found


@pytest.fixture(autouse=True)
def _nothing_left_running(request):
    yield
    if "ships" in request.fixturenames:
        request.getfixturevalue("ships").stop_all()
