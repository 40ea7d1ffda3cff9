"""Questions of planners answered directly: each answer is carried out and planned again before it is given."""
