"""Everything that knows etcd: objects as JSON text under /registry, and the watch cache in front of it.

Writes go to `Storage` (compare-and-swap on revisions); reads and watches go to one `Cacher` per resource.
In Kubernetes: k8s.io/apiserver/pkg/storage, with etcd3 and cacher beneath it.
Start reading at interface.py.
"""
