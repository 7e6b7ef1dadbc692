"""The node's own HTTPS server: logs of containers, the pods that run here."""
