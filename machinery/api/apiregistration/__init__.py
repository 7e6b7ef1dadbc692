"""Aggregated API servers."""
