"""The audit log over HTTP: who changed what and when, and whether the chain is whole."""
