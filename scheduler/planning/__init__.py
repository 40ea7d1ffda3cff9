"""The planning path: merge, timetable, check, score; each stage from frozen input to frozen output."""
