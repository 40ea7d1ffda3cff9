"""What happened at the door, back into the plan: proposals that people take or dismiss, never automatic changes."""
