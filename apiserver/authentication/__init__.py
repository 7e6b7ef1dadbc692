"""Authentication: who asks. The ordered list is `chain.authenticators`; each way to prove a name is one file.

Read in this order: authenticator, chain, client_certificate, bearer, token_file, service_account_token (with claims,
keys and living), bootstrap_token, request_header, impersonation. `issuer` makes tokens of service accounts.
Real Kubernetes: k8s.io/apiserver/pkg/authentication and pkg/serviceaccount. Left out: OIDC and webhook authenticators.
"""
