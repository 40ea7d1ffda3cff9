"""Overview of what happened at the doors, with the record behind every figure."""
