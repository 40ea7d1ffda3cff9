"""Departments' plans: submitted, told about at once, approved, superseded, withdrawn; never edited."""
