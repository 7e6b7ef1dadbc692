"""The Container Runtime Interface, v1, over gRPC: containerd and CRI-O."""
