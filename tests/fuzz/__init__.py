"""Requests that nobody means, thousands of them: no answer may be a server error, no request may hang.

`requests.py` makes them out of the server's own OpenAPI document and any source of chance, `run.py` sends and judges
them. `python -m tests.fuzz --requests 20000` is the long run; a short one is among the integration tests.
"""
