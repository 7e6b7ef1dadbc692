"""How every component talks to the API: requests, informers, queues, and the one controller loop.

Read in this order: rest (requests), reflector and informer (a local copy that follows the server),
workqueue and controller (act on what changed), then cause, events and leases. In real Kubernetes: k8s.io/client-go.
"""
