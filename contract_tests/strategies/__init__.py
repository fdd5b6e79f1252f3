"""Hypothesis strategies for requests and texts."""
