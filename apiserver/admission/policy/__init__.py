"""ValidatingAdmissionPolicy: what must be true of what is written, in CEL, inside this process.

Real Kubernetes: k8s.io/apiserver/pkg/admission/plugin/policy/validating.
"""
