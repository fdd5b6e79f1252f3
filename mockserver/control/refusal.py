"""Refusal: why the control API doesn't do what it was asked."""

from __future__ import annotations

from ..errors import NertwinError
from ..reply import Headers


class ControlRefused(NertwinError):
    """A request to the control API is refused; nothing has been changed."""

    def __init__(self, status: int, message: str, *, headers: Headers = ()) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers
