"""What happens at the door: the record, scans, results."""
