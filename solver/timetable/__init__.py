"""Timetable: visits into street shifts with start times, and the crews' routes between them."""
