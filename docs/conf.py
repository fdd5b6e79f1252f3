"""Sphinx: how the documentation is built."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "nertwin"
author = "the authors of nertwin"
version = release = version_of("nertwin")
copyright = author  # Sphinx calls it so.

extensions = ["extension", "myst_parser", "sphinx_copybutton"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["extension"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# A link to a page or an anchor that is not there is a warning, and a warning is an error.
myst_all_links_external = False
# The copy button leaves out the prompt, and what was printed.
copybutton_prompt_text = "$ "

html_theme = "furo"
html_title = f"nertwin {version}"
html_static_path = ["static"]
html_css_files = ["nertwin.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "tango"
