"""Intake: tables of a case into a checked planning snapshot, or one report of every problem."""
