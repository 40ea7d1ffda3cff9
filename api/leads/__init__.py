"""Leads about enterprises (线索): what the public, other bodies, data or the media say; each proposes a case."""
