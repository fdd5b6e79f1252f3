"""What the stand-in is measured by, each a program that tells its URL and then serves."""
