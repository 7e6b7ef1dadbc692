"""Custom resources: kinds that users define at run time, from their schema to what is served.

`structural` (a schema, read once), then what is done with it: `pruning`, `defaulting`, `validation`; the others make
a served kind of it. Real Kubernetes: k8s.io/apiextensions-apiserver.
"""
