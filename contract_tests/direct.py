"""Direct: this machine is asked without the proxy that an environment names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

HERE = ("127.0.0.1", "localhost", "::1")  #: Names of this machine that no proxy knows.
_PROXIES = frozenset(("http_proxy", "https_proxy", "all_proxy"))
_NONE = ("NO_PROXY", "no_proxy")


@contextmanager
def asked_directly() -> Iterator[None]:
    """Have clients ask this machine itself while the block runs, where they would ask a proxy.

    Few of them do so by themselves, and a proxy's ``127.0.0.1`` is not ours.
    """
    if not any(value and name.lower() in _PROXIES for name, value in os.environ.items()):
        yield
        return
    before = {name: os.environ.get(name) for name in _NONE}
    given = before["no_proxy"] or before["NO_PROXY"] or ""
    words = [word for word in map(str.strip, given.split(",")) if word]
    if "*" not in words:
        os.environ.update(dict.fromkeys(_NONE, ",".join(dict.fromkeys([*words, *HERE]))))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
