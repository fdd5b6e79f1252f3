"""Routes: all that the control API does, in the order of its description."""

from __future__ import annotations

from . import (
    caches,
    clocks,
    explanations,
    faults,
    findings,
    health,
    journals,
    models,
    quotas,
    resets,
    rules,
    scripts,
    sessions,
)
from .route import Route

ROUTES: tuple[Route, ...] = (
    *health.ROUTES,
    *sessions.ROUTES,
    *resets.ROUTES,
    *clocks.ROUTES,
    *models.ROUTES,
    *caches.ROUTES,
    *quotas.ROUTES,
    *faults.ROUTES,
    *scripts.ROUTES,
    *rules.ROUTES,
    *explanations.ROUTES,
    *journals.ROUTES,
    *findings.ROUTES,
)
