"""Who may do what: an ordered list of authorizers; the first with an opinion decides, none means no.

`chain` puts the list together, `authorizer` says what one looks like, and there is a module for each.
Real Kubernetes: k8s.io/apiserver/pkg/authorization and plugin/pkg/auth/authorizer.
"""
