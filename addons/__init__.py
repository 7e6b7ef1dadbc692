"""What runs in, or beside, the cluster without being part of its control plane."""
