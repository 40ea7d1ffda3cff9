"""Timetable: visits into street shifts with start times, and the crews' routes between them."""

from solver.compiled import keep_in_folder

keep_in_folder()
