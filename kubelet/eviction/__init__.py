"""When the node runs short: thresholds (of what, since when), ranking (who goes first), limits, eviction (the loop)."""
