"""Advance notices (检查预告): what an enterprise is told of the announced visits that are to come, and when."""
