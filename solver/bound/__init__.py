"""Bounds: what any timetable costs at least, proven without building one."""

from solver.compiled import keep_in_folder

keep_in_folder()
