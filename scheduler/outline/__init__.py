"""Outline: which quarter or month serves which item, before the near one is planned in detail."""
