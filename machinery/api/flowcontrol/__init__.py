"""Fairness between clients of the API server."""
