"""gRPC as the kubelet speaks it: message classes from tables, calls whose errors are in Go's words."""
