"""kube-proxy: what makes a Service's virtual address answer on every node."""
