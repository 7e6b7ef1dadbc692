"""The pod network: one subnet per node, and routes that make one flat network of them."""
