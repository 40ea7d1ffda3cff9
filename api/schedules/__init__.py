"""Schedules: drafts of runs and uploads, checked, compared, exported, published; what is published stays."""
