"""What-if scenarios and the generators of synthetic and converted cases."""
