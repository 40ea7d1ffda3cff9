"""Bounds: what any timetable costs at least, proven without building one."""
