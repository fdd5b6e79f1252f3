"""How fast the stand-in and the kit are, beside what they are measured by."""
