"""Proposals for the next plan out of what happened: listed with evidence, decided by people, made into drafts."""
