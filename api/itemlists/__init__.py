"""The published lists as they are stored, and what they say of plans and scans."""
