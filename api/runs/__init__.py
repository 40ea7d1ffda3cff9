"""Runs: planning and imports as rows of a queue, carried out by a process each, never lost and never stuck."""
