"""Supervision codes of enterprises (执法监督码), and the codes that officers show."""
