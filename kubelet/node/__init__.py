"""This node in the API: facts (what the machine is), status (what the API shows), keeper (who tells it)."""
