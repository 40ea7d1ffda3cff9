"""Coordination: streets that share crews, solved in parts: independent components, and shares of shared crews."""
