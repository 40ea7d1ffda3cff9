"""Re-planning: a published schedule and what has happened since become a new draft that changes little."""
