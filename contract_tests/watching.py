"""Watching: what the plugin looks for in each test's visits, when it is asked to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import pytest

if TYPE_CHECKING:
    from .manners.seen import Visit

#: Hears what came in a test, when that is over.
Watcher: TypeAlias = "Callable[[pytest.Item, Sequence[Visit]], None]"

_BYSTANDER = "nertwin-bystander"
_WATCHERS: pytest.StashKey[list[Watcher]] = pytest.StashKey()


def add_watcher(config: pytest.Config, watcher: Watcher) -> None:
    """Call it at the end of each test that had a stand-in, or called a server itself."""
    config.stash.setdefault(_WATCHERS, []).append(watcher)
    if not config.pluginmanager.has_plugin(_BYSTANDER):
        from .bystanding import Bystander

        config.pluginmanager.register(Bystander(), _BYSTANDER)


def tell_watchers(item: pytest.Item, visits: Callable[[], Sequence[Visit]]) -> None:
    """Tell the watchers, if there are any; else nobody asks for the visits."""
    watchers = item.config.stash.get(_WATCHERS, None)
    if not watchers:
        return
    found = visits()
    for watcher in watchers:
        watcher(item, found)
