"""The control API under ``/_nertwin/``: a file for each thing that can be controlled."""

#: Where it stands. Its clients know no more of the server than this.
PREFIX = "/_nertwin/"
