"""Hundreds of nodes in one process, each a whole kubelet on a runtime that runs nothing: python -m kubelet.hollow."""
