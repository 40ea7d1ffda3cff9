"""Generators of cases: Shenzhen-like streets, districts and the city; converters of open data."""
