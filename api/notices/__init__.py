"""Advance notices (检查预告): found, told once, and sent by page, mail, webhook and calendar."""
