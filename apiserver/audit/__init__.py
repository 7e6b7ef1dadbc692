"""Accounting: who asked what, when and how it ended, as audit.k8s.io/v1 Events by a Policy file.

policy.py decides how much of a request is written, event.py says it, log.py writes it off the request's path.
Real Kubernetes: k8s.io/apiserver/pkg/audit. Left out: webhooks, and the stages before an answer is complete.
"""
