"""Alerts: what became of the things that people with an account follow, worked out of the changes that are kept."""
