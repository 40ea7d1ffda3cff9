"""Answers to a person's questions about a schedule, from the model; what they claim is checked by applying it."""
