"""The stand-in: a server that answers as the token-classification API does."""
