"""Basis: what an answer rests on besides its request, its endpoint and the author's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from .cache import CachedAnswer, CacheKey
from .models import ModelCard

if TYPE_CHECKING:
    from .session import Session


class Nothing(NamedTuple):
    """The answer rests on nothing else."""

    def holds(self, session: Session) -> bool:  # noqa: ARG002
        """Whether the same request would be answered alike in the session: always."""
        return True


class Kept(NamedTuple):
    """The session's cache has the answer."""

    key: CacheKey
    answer: CachedAnswer

    def holds(self, session: Session) -> bool:
        """Whether the session's cache has it now."""
        kept = session.cache.find(self.key)
        return kept is self.answer or kept == self.answer


class Ready(NamedTuple):
    """The model is ready, and its answer is wanted from no cache."""

    card: ModelCard

    def holds(self, session: Session) -> bool:
        """Whether the model is ready in the session now."""
        return session.state_of(self.card).stage == "ready"


Basis: TypeAlias = Nothing | Kept | Ready
