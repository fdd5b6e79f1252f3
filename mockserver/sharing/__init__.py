"""Sharing: sessions whose state lives in a Redis, so that many servers answer as one."""
