"""Outline: which period serves which item, by capacity added up over a period instead of routes and minutes."""
