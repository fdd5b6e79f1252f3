"""Ready client: one of huggingface_hub's, which calls a test's stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .fixtures import fail_late, watch
from .twin import Twin


def ready_client(item: pytest.Item, twin: Twin, name: str) -> Iterator[Any]:
    """The client of that name until the test ends; without huggingface_hub the test is skipped."""
    reason = f"a ready {name} needs huggingface_hub, which is not installed"
    huggingface_hub = pytest.importorskip("huggingface_hub", reason=reason)
    # With a token of ours the client looks for no real one.
    client = getattr(huggingface_hub, name)(model=twin.model_url(), token=twin.token)
    if not getattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False):
        yield client
        return
    # Told to be offline it would not even call this machine. It still calls nobody else.
    from .redirect import guarding, online

    with online(), guarding("api") as guard:
        watch(item, guard)
        yield client
    fail_late(item, guard.surprises())
