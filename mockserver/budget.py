"""Budget: how many bytes several holders hold together."""

from __future__ import annotations


class Budget:
    """Counts bytes; those of a part count for the whole as well, until the part is detached."""

    __slots__ = ("_whole", "held")

    def __init__(self, whole: Budget | None = None) -> None:
        self._whole = whole
        self.held = 0  #: Bytes, by the estimate of those who hold them.

    def __repr__(self) -> str:
        return f"Budget(held={self.held})"

    def add(self, count: int) -> None:
        """Count that many bytes more, or fewer where the number is negative."""
        self.held += count
        if self._whole is not None:
            self._whole.add(count)

    def detach(self) -> None:
        """Take all that is held out of the whole, which hears of nothing more."""
        if self._whole is not None:
            self._whole.add(-self.held)
            self._whole = None
