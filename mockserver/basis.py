"""Basis: what an answer rests on besides its request, its endpoint and the author's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from .cache import CachedAnswer, CacheKey
from .models import ModelCard

if TYPE_CHECKING:
    from .session import Session


class Nothing(NamedTuple):
    """The answer rests on nothing else."""

    @property
    def bytes_held(self) -> int:
        """Bytes of what it holds: none."""
        return 0

    def holds(self, session: Session) -> bool:  # noqa: ARG002
        """Whether the same request would be answered alike in the session: always."""
        return True

    def leave(self, session: Session) -> None:
        """Leave in the session what the answer does: nothing."""


class Kept(NamedTuple):
    """The session's cache has the answer."""

    key: CacheKey
    answer: CachedAnswer

    @property
    def bytes_held(self) -> int:
        """Bytes of the answer."""
        return len(self.answer.body)

    def holds(self, session: Session) -> bool:
        """Whether the session's cache has it now."""
        kept = session.cache.find(self.key)
        return kept is self.answer or kept == self.answer

    def leave(self, session: Session) -> None:
        """Leave in the session what the answer does: nothing more."""


class Computed(NamedTuple):
    """The model is ready, and the session's cache hasn't the answer, but gets it."""

    key: CacheKey
    answer: CachedAnswer
    card: ModelCard

    @property
    def bytes_held(self) -> int:
        """Bytes of the answer."""
        return len(self.answer.body)

    def holds(self, session: Session) -> bool:
        """Whether the answer would be computed in the session now."""
        return session.cache.find(self.key) is None and session.state_of(self.card).stage == "ready"

    def leave(self, session: Session) -> None:
        """Have the session's cache keep the answer."""
        session.cache.keep(self.key, self.answer)


class Ready(NamedTuple):
    """The model is ready, and its answer is wanted from no cache."""

    card: ModelCard

    @property
    def bytes_held(self) -> int:
        """Bytes of what it holds: the card is shared by all."""
        return 0

    def holds(self, session: Session) -> bool:
        """Whether the model is ready in the session now."""
        return session.state_of(self.card).stage == "ready"

    def leave(self, session: Session) -> None:
        """Leave in the session what the answer does: nothing."""


Basis: TypeAlias = Nothing | Kept | Computed | Ready
