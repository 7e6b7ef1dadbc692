"""Speed and size of the API server: `python -m bench.apiserver`. See __main__ for the figures and their bounds."""
