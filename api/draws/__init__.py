"""The double-random draw in the service: a seed committed to, officers or targets drawn, and verified by anybody."""
