"""Malformed: valid payloads in which one named thing was made wrong."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..mutations import MUTATIONS, Malformed
from ..validity import find_fault
from .payloads import payloads


def malformed_payloads() -> SearchStrategy[Malformed]:
    """Bodies that the contract refuses, each with the one mutation that made it so."""
    drawn = st.builds(lambda mutation, payload: mutation.mutate(payload), _MUTATIONS, payloads())
    return drawn.filter(lambda malformed: bool(find_fault(malformed.body)))


_MUTATIONS = st.sampled_from(MUTATIONS)
