"""Requests that are answered by somebody else: pods, services and nodes behind their `proxy` subresource."""
