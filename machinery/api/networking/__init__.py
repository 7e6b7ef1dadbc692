"""Traffic into the cluster, and who may talk to whom."""
