"""Imports of registers and whole cases: streamed in, checked whole, stored whole or not at all, as runs."""
