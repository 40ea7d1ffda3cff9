"""Warnings (预警) about what happened at the door: raised with the event, explained, upheld, and led up the ladder."""
