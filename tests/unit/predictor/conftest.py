"""The small predictor that the tests of this room share."""

import pytest
from made_predictor import write_predictor


@pytest.fixture(scope="session")
def made(once):
    """Folder of the predictor; nobody changes it."""
    return once("predictor", lambda folder: write_predictor(folder / "moved elsewhere")) / (
        "moved elsewhere"
    )
