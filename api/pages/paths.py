"""Which addresses are pages: under these, errors are pages too."""

from __future__ import annotations

PREFIXES = ("/c", "/complaint", "/enterprise", "/home", "/language", "/login", "/logout", "/o", "/officer")
"""How the paths of pages begin, up to a slash."""


def is_page(path: str) -> bool:
    """Say whether a path is a page's."""
    return any(path == p or path.startswith(f"{p}/") for p in PREFIXES)
