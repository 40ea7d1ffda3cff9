"""Delay: a schedule carried out many times under random durations, travel and enterprises, and what comes of it."""
