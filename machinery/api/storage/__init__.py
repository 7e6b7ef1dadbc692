"""Kinds of storage and their drivers."""
