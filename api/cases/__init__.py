"""Cases out of the database: what a horizon and an area amount to, as the intake reads it."""
