"""exec, attach and port-forward for a runtime that has no streaming server of its own."""
