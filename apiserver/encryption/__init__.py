"""Encryption at rest: how EncryptionConfiguration says what etcd holds of which resource.

Nothing here is loaded unless the server is given such a file. Start reading at transformers.py.
Real Kubernetes: k8s.io/apiserver/pkg/server/options/encryptionconfig and pkg/storage/value. Left out: KMS.
"""
