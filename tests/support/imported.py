"""Imported: what an inner run of pytest would import first, and forget at its end.

A module that is imported a second time has other classes than those that others remember: httpx2
knows the errors of its own httpcore2 no more, and type hints find no names.
"""

import pkgutil
from contextlib import suppress
from importlib import import_module

import nertwin.contract_tests
import nertwin.mockserver
import nertwin.schemas

# huggingface_hub is none of them: it reads its environment, which some tests set, once.
_LIBRARIES = (
    "aiohttp",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "requests",
    "trustme",
)
_OURS = (nertwin.schemas, nertwin.mockserver, nertwin.contract_tests)


def import_all() -> None:
    """Import all modules of nertwin, and the libraries of the tests that are installed."""
    ours = (
        module.name
        for package in _OURS
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    )
    for name in (*ours, *_LIBRARIES):
        with suppress(ImportError):  # Some of ours need what an extra brings.
            import_module(name)
