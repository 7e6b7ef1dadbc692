"""Days of a node's life in minutes: pods of every kind come and go, things are killed at random; nothing may be left
over, and nothing that the API says may be untrue. `python -m tests.soak` does it as long as one likes.
"""
