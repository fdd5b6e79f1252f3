"""Hooks: the wrapped methods of all libraries that are imported, now or later."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from .libraries import LIBRARIES


@contextmanager
def hooked() -> Iterator[None]:
    """Have all libraries ask the detour while the block runs."""
    hooks = Hooks()
    hooks.install()
    try:
        yield
    finally:
        hooks.remove()


class Hooks(MetaPathFinder):
    """Wraps what is imported, and as a finder what will be."""

    def __init__(self) -> None:
        self._wrapped: list[tuple[type, str, Any, Any]] = []
        self._looking: set[str] = set()

    def install(self) -> None:
        """Wrap what is there, and wait for the rest."""
        for name in LIBRARIES:
            module = sys.modules.get(name)
            if module is not None:
                self._wrap(name, module)
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Undo it all; a method that something else has replaced meanwhile stays as it is."""
        sys.meta_path.remove(self)
        for owner, name, original, wrapper in reversed(self._wrapped):
            if vars(owner).get(name) is not wrapper:
                continue
            if original is None:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
        self._wrapped.clear()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  # As finders are called.
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """What others find of one of the libraries, made to wrap it once it is loaded."""
        if fullname not in LIBRARIES or fullname in self._looking:
            return None
        self._looking.add(fullname)
        try:
            spec = find_spec(fullname)
        finally:
            self._looking.discard(fullname)
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_wrap(module: ModuleType) -> None:
            load(module)
            if self in sys.meta_path:
                self._wrap(fullname, module)

        spec.loader.exec_module = load_and_wrap  # type: ignore[method-assign]
        return spec

    def _wrap(self, name: str, module: ModuleType) -> None:
        for owner, method, wrapper in LIBRARIES[name](module):
            # None where it is inherited.
            self._wrapped.append((owner, method, vars(owner).get(method), wrapper))
            setattr(owner, method, wrapper)
