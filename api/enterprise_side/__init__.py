"""The enterprise side: what an enterprise sees of its inspections, and what it says of them.

Nothing here knows of an unannounced visit before officers have left: see docs/enterprise-side.md.
"""
