"""The control API under ``/_nertwin/``: a file for each thing that can be controlled."""
