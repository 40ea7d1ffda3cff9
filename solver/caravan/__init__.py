"""Caravans: crews that ride together all shift (today's joint team); the same problem, another search."""
