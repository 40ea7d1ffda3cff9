"""What became of published visits: done, nobody there, refused; re-planning begins from it."""
