"""Frozen types of the domain; minutes and day numbers are ``int`` (a day number is ``date.toordinal()``)."""
