"""Priority and fairness: who waits for whom when more is asked than can be done at once.

Pure: matching (which requests belong together), seats (how many each level has), hands (which queues a flow may use),
work (how many seats a request takes). queues holds what waits, fairness puts it together, upkeep keeps the objects.
Real Kubernetes: k8s.io/apiserver/pkg/util/flowcontrol.
"""
