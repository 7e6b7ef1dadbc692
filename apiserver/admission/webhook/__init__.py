"""Webhooks: other people's servers that are asked about writes, by AdmissionReview over HTTPS.

Real Kubernetes: k8s.io/apiserver/pkg/admission/plugin/webhook.
"""
