"""Objects with as many fields as a description can show."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]
STARTED, ENDED = "2026-01-02T03:04:05Z", "2026-01-02T03:05:06Z"


def meta(name: str, **more: Any) -> Document:
    return {"name": name, "namespace": "default", **more}


PLAIN_POD: Document = {
    "apiVersion": "v1", "kind": "Pod", "metadata": meta("plain", labels={"run": "plain"}),
    "spec": {"containers": [{"name": "plain", "image": "nginx"}]},
}  # fmt: skip

POD: Document = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": meta("rich", labels={"app": "rich", "tier": "front"},
                     annotations={"note": "short", "long": "x" * 200, "lines": "one\ntwo\n", "b": "2"}),
    "spec": {
        "nodeName": "worker-1",
        "serviceAccountName": "robot",
        "nodeSelector": {"disk": "ssd", "arch": "arm"},
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "readinessGates": [{"conditionType": "www.example.com/gate"}],
        "tolerations": [{"operator": "Exists"}, {"key": "a", "operator": "Equal", "value": "b", "effect": "NoSchedule"},
                        {"key": "z", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}],
        "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
                                       "labelSelector": {"matchLabels": {"app": "rich"}}}],
        "initContainers": [{"name": "first", "image": "busybox", "command": ["sh", "-c", "echo a\necho b"],
                            "args": ["x", "y"]}],
        "containers": [
            {
                "name": "web",
                "image": "nginx:1.27",
                "ports": [{"containerPort": 80}, {"containerPort": 443, "hostPort": 8443, "protocol": "TCP"}],
                "resources": {"limits": {"cpu": "500m", "memory": "128Mi"},
                              "requests": {"cpu": "250m", "memory": "64Mi"}},
                "livenessProbe": {"httpGet": {"path": "/healthz", "port": 80}, "initialDelaySeconds": 3},
                "readinessProbe": {"exec": {"command": ["cat", "/tmp/ready"]}},
                "startupProbe": {"tcpSocket": {"port": "http"}, "failureThreshold": 30},
                "envFrom": [{"configMapRef": {"name": "settings"}},
                            {"secretRef": {"name": "db", "optional": True}, "prefix": "DB_"}],
                "env": [
                    {"name": "PLAIN", "value": "one"}, {"name": "LINES", "value": "one\ntwo"}, {"name": "EMPTY"},
                    {"name": "ME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                    {"name": "TIER", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['tier']"}}},
                    {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                    {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
                    {"name": "MEM", "valueFrom": {"resourceFieldRef": {"resource": "requests.memory",
                                                                      "divisor": "1Mi"}}},
                    {"name": "PASS", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
                    {"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode",
                                                                      "optional": True}}},
                ],
                "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"},
                                 {"name": "conf", "mountPath": "/etc/conf", "readOnly": True, "subPath": "a/b"}],
            },
            {"name": "side", "image": "sleeper", "ports": [{"containerPort": 9090}]},
        ],
        "volumes": [
            {"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}},
            {"name": "scratch", "emptyDir": {}},
            {"name": "conf", "configMap": {"name": "settings", "optional": True}},
            {"name": "keys", "secret": {"secretName": "db"}},
            {"name": "host", "hostPath": {"path": "/var/log", "type": "Directory"}},
            {"name": "bare", "hostPath": {"path": "/srv"}},
            {"name": "claim", "persistentVolumeClaim": {"claimName": "data", "readOnly": True}},
            {"name": "share", "nfs": {"server": "10.0.0.1", "path": "/export"}},
            {"name": "info", "downwardAPI": {"items": [
                {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
                {"path": "cpu", "resourceFieldRef": {"containerName": "web", "resource": "limits.cpu"}}]}},
            {"name": "kube-api-access-abcde", "projected": {"sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
                {"secret": {"name": "db"}}]}},
        ],
    },
}  # fmt: skip

POD_STATUS: Document = {
    "phase": "Running",
    "hostIP": "10.1.2.3",
    "podIP": "10.244.1.5",
    "podIPs": [{"ip": "10.244.1.5"}, {"ip": "fd00::5"}],
    "startTime": STARTED,
    "reason": "Shown",
    "message": "a message",
    "conditions": [{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "False"},
                   {"type": "www.example.com/gate", "status": "True"}],
    "initContainerStatuses": [
        {"name": "first", "ready": True, "restartCount": 0, "image": "busybox", "imageID": "sha256:0", "containerID": "c://0",
         "state": {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": STARTED, "finishedAt": ENDED}}}],
    "containerStatuses": [
        {"name": "web", "ready": True, "restartCount": 3, "image": "nginx", "imageID": "sha256:1", "containerID": "c://1",
         "state": {"running": {"startedAt": ENDED}},
         "lastState": {"terminated": {"exitCode": 137, "signal": 9, "reason": "OOMKilled", "message": "too big",
                                      "startedAt": STARTED, "finishedAt": ENDED}}},
        {"name": "side", "ready": False, "restartCount": 0, "image": "sleeper", "imageID": "",
         "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off"}}}],
}  # fmt: skip

NODE: Document = {
    "apiVersion": "v1", "kind": "Node",
    "metadata": {"name": "worker-1", "labels": {"node-role.kubernetes.io/worker": "", "kubernetes.io/arch": "amd64"},
                 "annotations": {"volumes.kubernetes.io/controller-managed-attach-detach": "true"}},
    "spec": {"podCIDR": "10.244.1.0/24", "podCIDRs": ["10.244.1.0/24"], "providerID": "mini://worker-1",
             "unschedulable": True,
             "taints": [{"key": "b", "effect": "NoSchedule"},
                        {"key": "a", "value": "1", "effect": "NoExecute"}]},
}  # fmt: skip

NODE_STATUS: Document = {
    "capacity": {"cpu": "2", "memory": "4Gi", "pods": "110", "ephemeral-storage": "20Gi", "example.com/gpu": "2"},
    "allocatable": {"cpu": "1900m", "memory": "3900Mi", "pods": "110", "ephemeral-storage": "18Gi",
                    "hugepages-2Mi": "0", "example.com/gpu": "2"},
    "conditions": [{"type": kind, "status": status, "lastHeartbeatTime": ENDED, "lastTransitionTime": STARTED,
                    "reason": reason, "message": message}
                   for kind, status, reason, message in (
                       ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory"),
                       ("Ready", "True", "KubeletReady", "kubelet is posting ready status"))],
    "addresses": [{"type": "InternalIP", "address": "10.1.2.3"}, {"type": "Hostname", "address": "worker-1"}],
    "nodeInfo": {"machineID": "m", "systemUUID": "s", "bootID": "b", "kernelVersion": "6.1", "osImage": "Debian 12",
                 "containerRuntimeVersion": "containerd://1.6", "kubeletVersion": "v1.32.0", "kubeProxyVersion": "",
                 "operatingSystem": "linux", "architecture": "amd64"},
}  # fmt: skip

LEASE: Document = {
    "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
    "metadata": {"name": "worker-1", "namespace": "kube-node-lease"},
    "spec": {"holderIdentity": "worker-1", "leaseDurationSeconds": 40, "renewTime": "2026-01-02T03:04:05.678901Z"},
}  # fmt: skip

CONFIG_MAP: Document = {
    "apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("settings", labels={"a": "b"}),
    # One text alone: kubectl prints several in an order of chance.
    "data": {"app.conf": "a = 1\nb = 2\n"}, "binaryData": {"logo": "AAECAw=="},
}  # fmt: skip

SECRET: Document = {
    "apiVersion": "v1", "kind": "Secret", "metadata": meta("db"), "type": "Opaque",
    "data": {"password": "c2VjcmV0"},
}  # fmt: skip

ACCOUNT: Document = {
    "apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta("robot"),
    "imagePullSecrets": [{"name": "registry"}, {"name": "other"}], "secrets": [{"name": "robot-token"}, {"name": "db"}],
}  # fmt: skip

SERVICE: Document = {
    "apiVersion": "v1", "kind": "Service", "metadata": meta("web", labels={"app": "rich"}, annotations={"n": "1"}),
    "spec": {"type": "NodePort", "selector": {"tier": "front", "app": "rich"}, "externalIPs": ["192.0.2.1"],
             "clusterIP": "10.96.0.50",
             "ports": [{"name": "http", "port": 80, "targetPort": "http", "nodePort": 30080, "appProtocol": "http"},
                       {"name": "https", "port": 443, "nodePort": 30443}]},
}  # fmt: skip

HEADLESS: Document = {
    "apiVersion": "v1", "kind": "Service", "metadata": meta("headless"),
    "spec": {"clusterIP": "None", "selector": {"app": "rich"}, "ports": [{"port": 5432}]},
}  # fmt: skip

ALIAS: Document = {
    "apiVersion": "v1", "kind": "Service", "metadata": meta("alias"),
    "spec": {"type": "ExternalName", "externalName": "db.other.svc.cluster.local"},
}  # fmt: skip

SLICE: Document = {
    "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
    "metadata": meta("web-abcde", labels={"kubernetes.io/service-name": "web"}),
    "endpoints": [
        {"addresses": [f"10.244.1.{n}"], "conditions": {"ready": n != 6}, "nodeName": "worker-1", "zone": "z",
         "targetRef": {"kind": "Pod", "name": f"web-{n}", "namespace": "default"}} for n in range(5, 10)
    ] + [{"addresses": ["10.244.2.9"], "hostname": "db-0"}],
    "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}, {"name": "https", "port": 8443, "protocol": "TCP"}],
}  # fmt: skip

BARE_SLICE: Document = {
    "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "metadata": meta("bare"),
    "endpoints": [], "ports": [],
}  # fmt: skip

ENDPOINTS: Document = {
    "apiVersion": "v1", "kind": "Endpoints", "metadata": meta("web"),
    "subsets": [{"addresses": [{"ip": "10.244.1.5"}, {"ip": "10.244.1.7"}], "notReadyAddresses": [{"ip": "10.244.1.6"}],
                 "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]},
                {"addresses": [{"ip": "10.244.9.9"}], "ports": [{"port": 1, "protocol": "UDP"}]}],
}  # fmt: skip

TEMPLATE: Document = {
    "metadata": {"labels": {"app": "shop"}, "annotations": {"a": "b"}},
    "spec": {"serviceAccountName": "robot", "nodeSelector": {"disk": "ssd"},
             "tolerations": [{"key": "a", "operator": "Exists"}],
             "initContainers": [{"name": "wait", "image": "busybox"}],
             "volumes": [{"name": "data", "emptyDir": {}}, {"name": "conf", "configMap": {"name": "settings"}}],
             "containers": [{"name": "shop", "image": "shop:1", "ports": [{"containerPort": 80}],
                             "env": [{"name": "ME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                             "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]},
}  # fmt: skip

DEPLOYMENT: Document = {
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": meta("shop", labels={"app": "shop"}, annotations={"deployment.kubernetes.io/revision": "2"}),
    "spec": {"replicas": 3, "minReadySeconds": 5, "template": TEMPLATE,
             "selector": {"matchLabels": {"app": "shop"},
                          "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}},
}  # fmt: skip

DEPLOYMENT_STATUS: Document = {
    "replicas": 4, "updatedReplicas": 2, "readyReplicas": 3, "availableReplicas": 3, "unavailableReplicas": 1,
    "conditions": [{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"},
                   {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}],
}  # fmt: skip


def replica_set(name: str, image: str, owner: Document) -> Document:
    """One revision of the deployment."""
    labels = {"app": "shop", "pod-template-hash": name.rpartition("-")[2]}
    container = {**TEMPLATE["spec"]["containers"][0], "image": image}
    template = {"metadata": {**TEMPLATE["metadata"], "labels": labels},
                "spec": {**TEMPLATE["spec"], "containers": [container]}}  # fmt: skip
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": meta(name, labels=labels, ownerReferences=[
                {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop", "uid": owner["metadata"]["uid"],
                 "controller": True}]),
            "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}}  # fmt: skip


def event(number: int, about: Document, **more: Any) -> Document:
    """An event about an object that exists."""
    kind, its = about["kind"], about["metadata"]
    reference = {"apiVersion": about["apiVersion"], "kind": kind, "name": its["name"], "uid": its["uid"],
                 **({"namespace": its["namespace"]} if "namespace" in its else {}), **more.pop("reference", {})}
    return {"apiVersion": "v1", "kind": "Event", "metadata": meta(f"{its['name']}.{kind.lower()}.{number}"),
            "involvedObject": reference, "type": "Normal", "reason": "Started", "message": f"message {number} \n",
            "source": {"component": "kubelet", "host": "worker-1"}, "count": 1,
            "firstTimestamp": f"2026-01-0{number}T00:00:00Z", "lastTimestamp": f"2026-01-0{number}T00:00:00Z",
            **more}  # fmt: skip
