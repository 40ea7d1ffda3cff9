"""Over-frequency reminders (过频提醒): rules of supervisors, and what they say of plans, schedules and records."""
