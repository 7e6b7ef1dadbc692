"""apidiscovery.k8s.io."""
