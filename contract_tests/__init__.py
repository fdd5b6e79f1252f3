"""The contract test kit: checks, strategies, command line and pytest plugin."""
