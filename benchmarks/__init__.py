"""Benchmarks: fixed generated instances, several seeds, results as CSV. See README.md for the method."""
