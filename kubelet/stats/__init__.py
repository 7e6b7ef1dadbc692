"""How much the node and its pods use: readings (from the kernel), collector, and the two forms in which it is shown."""
