"""Peers: other ways to plan the same case, each through the same checker. See benchmarks/README.md, "Peers"."""
