"""The generic endpoints: one function per verb, the same for every kind; subresources beside them.

`dispatch` finds the function for a request. Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers.
"""
