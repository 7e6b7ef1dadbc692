"""Pods from a folder on the node: manifest (what a file says), folder (who follows it), mirrors (for the API)."""
