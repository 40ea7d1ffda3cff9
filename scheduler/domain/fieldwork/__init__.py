"""What happens at the door: scans, results, and what follows from them."""
