"""What every process of the cluster shares and that knows nothing of Kubernetes objects.

Flags, logging, clock, metrics, health endpoints, and the one way to run until a signal.
In real Kubernetes: k8s.io/component-base. Imports nothing else of this project.
"""
