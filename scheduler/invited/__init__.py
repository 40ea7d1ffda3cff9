"""Invited supervisors (特邀行政执法监督员): who accompanies which joint day, by lot, evenly and without conflicts."""
