"""Moves in a schedule: one visit placed anew while all others and their times stay."""
