"""The scheduler: gives every pod without a node the node that suits it best, through the API."""
