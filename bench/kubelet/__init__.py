"""Speed and size of the node agent: `python -m bench.kubelet`. See __main__ for the figures and their bounds."""
