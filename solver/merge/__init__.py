"""Merging: which items of one enterprise share a visit, exactly, one enterprise at a time."""
