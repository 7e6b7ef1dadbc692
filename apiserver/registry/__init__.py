"""One strategy per kind, and the generic store that serves them all.

A kind = a class (machinery.api) + a strategy + a row of its table; nothing else here knows a kind's name.
Real Kubernetes: pkg/registry and k8s.io/apiserver/pkg/registry.
"""
