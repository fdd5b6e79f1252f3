"""Redirecting: calls that a program makes to the API reach the stand-in, or are refused.

The modules here need nothing but Python: programs without nertwin get them as well, by way of
``contract_tests/preload``.
"""
