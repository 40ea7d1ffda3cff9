"""Typed edits of a case: each a pydantic model with a TOML and a JSON form, a pure function, and what it touched."""
