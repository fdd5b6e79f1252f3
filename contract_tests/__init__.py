"""The contract test kit: so far the command line and the strategies."""
