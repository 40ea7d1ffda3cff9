"""What-if studies and questions over HTTP: queued as runs, kept with the case that they were made from."""
