"""What this project promises to its own users."""

PROMISE = "a mention has a name"
