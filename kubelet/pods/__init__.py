"""The life of a pod on this node: what to do next (actions), doing it (sync), reporting it (status).

Read in this order: state, workers, actions, sync, termination, status, writer.
"""
