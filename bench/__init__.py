"""Benchmarks: one command each, one JSON line per figure, the ceiling measured in the same run."""
