"""Which server answers for which group and version: ours for most, an extension server for some.

`registration` keeps an APIService for everything that is served here; `aggregation` follows those that name a Service,
each of which is an `Extension`: looked after, asked what it serves, and handed the requests that are for it.
Real Kubernetes: k8s.io/kube-aggregator.
"""
