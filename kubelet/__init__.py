"""The node agent: makes the pods that are bound to this node run, and reports how they fare."""
