"""Wishes: what a request asks of the cache and of a model that is not ready."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .payload import Options


class Wishes(NamedTuple):
    """How a request wants to be served."""

    use_cache: bool = True
    wait_for_model: bool = False
    load_model: bool = True


_USUAL = Wishes()
_NO_OPTIONS = Options()


def read_wishes(headers: Mapping[str, str], options: Options) -> Wishes:
    """The wishes of a request; a header wins over the body's ``options``."""
    cache = headers.get("x-use-cache")
    wait = headers.get("x-wait-for-model")
    load = headers.get("x-load-model")
    if options == _NO_OPTIONS and cache is wait is load is None:
        return _USUAL  # As nearly all requests are.
    return Wishes(
        use_cache=options.use_cache is not False
        if cache is None
        else cache.strip().lower() not in ("false", "0"),
        wait_for_model=bool(options.wait_for_model)
        if wait is None
        else wait.strip().lower() in ("true", "1"),
        load_model=load is None or load.strip() != "0",
    )
