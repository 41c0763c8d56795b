"""How the manual is built: Sphinx, pages in Markdown, formulas as MathML, nothing asked of any network.

Build it with ``make manual``; the pages then stand in ``out/manual``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import cascade

project = "cascade"
author = "cascade"
release = version = cascade.__version__
language = "en"
extensions = ["myst_parser", "made.pages", "made.mathml"]
exclude_patterns = ["made"]
templates_path = ["_templates"]
root_doc = "index"
nitpicky = True
show_authors = False

myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 4
myst_url_schemes = ["https"]
myst_dmath_double_inline = False

html_theme = "furo"
html_title = f"cascade {release}: the manual"
html_short_title = "cascade"
html_static_path = ["_static"]
html_css_files = ["manual.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
html_show_search_summary = False  # it would fetch pages, which a browser refuses from disk
html_use_index = False
html_domain_indices = False
html_math_renderer = "mathml"
html_permalinks_icon = "#"
html_theme_options = {"top_of_page_buttons": [], "navigation_with_keys": False}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
