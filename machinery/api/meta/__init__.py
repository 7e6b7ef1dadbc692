"""The API group meta."""
