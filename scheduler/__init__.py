"""The domain of joint inspections, its rules and the planning path: pure functions on frozen data."""
