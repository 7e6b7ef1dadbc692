"""Certificates on request."""
