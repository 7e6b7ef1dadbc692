"""miniadm makes machines into a cluster (kubeadm), and makes the machines too (kind).

`cluster` names every path and address, `pki` and `kubeconfig` make the credentials, `services` the command
lines. `lab` is the power supply of the machines, `machine` boots one out of Linux namespaces, `init` is the
first process inside it. `up`, `status` and `remove` are what the user's verbs do.
"""
