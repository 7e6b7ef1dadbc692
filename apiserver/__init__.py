"""The API server: HTTP in, etcd out; the only component that talks to storage.

Start reading at `server.run`, then `pipeline` (the ordered list every request passes) and `registry.store`.
Real Kubernetes: k8s.io/apiserver and pkg/controlplane. Left out here: see docs/api.md.
"""
