"""Permissions by role."""
