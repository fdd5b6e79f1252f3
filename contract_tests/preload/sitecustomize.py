"""Sitecustomize: what Python programs below ``nertwin run`` start with.

It stands on their PYTHONPATH alone, and needs no nertwin where they run.
"""

from __future__ import annotations

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _load(name: str, path: str, folders: list[str] | None = None) -> None:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, path, submodule_search_locations=folders)
    if spec is not None and spec.loader is not None:
        module = sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(module)


def _redirect() -> None:
    given = os.environ.get("REDIRECTED_BY_NERTWIN")
    if not given:
        return
    from importlib import import_module

    folder = os.path.join(os.path.dirname(_HERE), "redirecting")
    _load("nertwin_redirecting", os.path.join(folder, "__init__.py"), [folder])
    import_module("nertwin_redirecting.programs").begin(given)


def _go_on() -> None:
    """Load the sitecustomize that this one stands in front of."""
    from importlib.machinery import PathFinder

    path = [each for each in sys.path if os.path.abspath(each or os.curdir) != _HERE]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.origin:
        _load("sitecustomize", spec.origin)


try:
    _redirect()
except Exception as error:  # A program that can't be redirected here still has the proxy.
    print("nertwin: this Python is not redirected: %r" % (error,), file=sys.stderr)
_go_on()
