"""A Docker Engine as a Runtime: over its own HTTP API, with CNI plugins for the network of pods."""
