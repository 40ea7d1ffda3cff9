"""Optimisation of joint inspections: integers in, integers out, a library on its own."""
