"""Errors of the solver."""


class SolverError(Exception):
    """A solver failed on a valid problem; a bug of ours or of a library, never of the input."""
