"""Mistakes: what a test says wrong is told at its line, not somewhere inside of nertwin."""

from __future__ import annotations

from types import TracebackType

from nertwin.mockserver.errors import NertwinError


class AtTheCallersLine:
    """Errors of ours that leave the block have a traceback that ends where its function was called.

    The function that has the block says ``__tracebackhide__ = True`` for pytest.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Raise it anew."""
        __tracebackhide__ = True
        if isinstance(error, NertwinError):
            raise error.with_traceback(None) from None
