"""Where it is asked for, these tests run in a network of their own that has no way out."""

import os
import tempfile
from pathlib import Path

import pytest

from nertwin.contract_tests.isolation import NoIsolation, isolate

# huggingface_hub reads its variables once, when it is imported. Nothing is written to this home.
os.environ["HF_HOME"] = str(Path(tempfile.gettempdir()) / f"nertwin-hf-home-{os.getpid()}")
for _name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_ENDPOINT", "HF_INFERENCE_ENDPOINT"):
    os.environ.pop(_name, None)

#: ``1`` demands a network of one's own, ``try`` takes it where the machine grants one.
WANTED = os.environ.get("ISOLATED_TESTS", "0")
IS_ISOLATED = False
if WANTED != "0":
    try:
        isolate()
        IS_ISOLATED = True
    except NoIsolation:
        if WANTED != "try":
            raise


def pytest_report_header() -> str:
    """Say which network the tests have: in their own a leak can't hide."""
    return f"network: {'their own' if IS_ISOLATED else 'the one of this machine'}"


@pytest.fixture
def isolated() -> None:
    """Skips where the tests have the machine's own network."""
    if not IS_ISOLATED:
        pytest.skip("the tests have the network of this machine; set ISOLATED_TESTS=1")
