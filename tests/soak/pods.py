"""The kinds of pods of a soak, and what each must come to if nobody does anything to it. Data, and a little chance.

An outcome is what `outcome` calls it: Ready, Succeeded, Failed, or the reason for which its first container waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.support.images import BOX
from tests.support.kubelet import STAYS

Document = dict[str, Any]
OBJECTS = (
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "words"}, "data": {"a": "one", "b": "two"}},
    {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hidden"}, "stringData": {"key": "treasure"}},
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}},
)
"""What pods refer to."""


@dataclass(frozen=True)
class Kind:
    """One kind of pod. `steady`: not one restart is forgiven as long as nobody kills what it consists of."""

    name: str
    spec: Callable[[Random], Document]
    outcome: str
    steady: bool = True


def _box(script: str, name: str = "c", **more: Any) -> Document:
    return {"name": name, "image": BOX, "command": ["/bin/sh", "-c", script], **more}


def _plain(random: Random) -> Document:
    quantities = {"cpu": "50m", "memory": "32Mi"}
    resources = random.choice(({}, {"requests": quantities}, {"requests": quantities, "limits": quantities}))
    return {"containers": [_box(STAYS, resources=resources)]}


def _pair(random: Random) -> Document:
    names = ["a", "b", "c"][: random.randint(2, 3)]
    return {"containers": [_box(STAYS, name) for name in names], "shareProcessNamespace": random.random() < 0.5}


def _stubborn(random: Random) -> Document:
    return {"containers": [_box("trap '' TERM; while :; do sleep 0.2; done")], "terminationGracePeriodSeconds": 1}


def _done(random: Random) -> Document:
    script = f"sleep {random.choice((0, 0.3, 1))}; echo done > /dev/termination-log"
    return {"containers": [_box(script)], "restartPolicy": random.choice(("Never", "OnFailure"))}


def _failed(random: Random) -> Document:
    return {"containers": [_box(STAYS, "stays") if random.random() < 0.3 else _box("exit 0", "fine"),
                           _box(f"sleep {random.choice((0, 0.5))}; exit 3")],
            "restartPolicy": "Never", "activeDeadlineSeconds": 4}  # fmt: skip


def _crashing(random: Random) -> Document:
    return {"containers": [_box(f"sleep {random.choice((0, 0.2))}; exit 1")]}


def _second_try(random: Random) -> Document:
    script = "test -e /d/been || { touch /d/been; exit 1; }"
    return {"containers": [_box(script, volumeMounts=[{"name": "d", "mountPath": "/d"}])],
            "volumes": [{"name": "d", "emptyDir": {}}], "restartPolicy": "OnFailure"}  # fmt: skip


def _volumes(random: Random) -> Document:
    token = {"serviceAccountToken": {"path": "token", "expirationSeconds": 600}}
    name = {"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}
    volumes = [
        {"name": "disk", "emptyDir": {}},
        {"name": "memory", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
        {"name": "words", "configMap": {"name": "words"}},
        {"name": "hidden", "secret": {"secretName": "hidden"}},
        {"name": "me", "downwardAPI": {"items": [name]}},
        {"name": "all", "projected": {"sources": [token, {"configMap": {"name": "words"}}]}},
        {"name": "host", "hostPath": {"path": "/etc", "type": "Directory"}},
    ]
    chosen = random.sample(volumes, random.randint(2, len(volumes)))
    mounts = [{"name": volume["name"], "mountPath": f"/v/{volume['name']}"} for volume in chosen]
    if any(volume["name"] == "words" for volume in chosen):
        mounts.append({"name": "words", "mountPath": "/one", "subPath": "a"})
    return {"containers": [_box(f"touch /tmp/x; {STAYS}", volumeMounts=mounts)], "volumes": chosen,
            "securityContext": random.choice(({}, {"fsGroup": 2000}, {"runAsUser": 1000}))}  # fmt: skip


def _init(random: Random) -> Document:
    init = [_box(f"sleep {random.choice((0, 0.4))}", f"i{number}") for number in range(random.randint(1, 3))]
    return {"initContainers": init, "containers": [_box(STAYS)]}


def _init_failed(random: Random) -> Document:
    return {"initContainers": [_box("exit 2", "i")], "containers": [_box(STAYS)], "restartPolicy": "Never"}


def _sidecars(random: Random) -> Document:
    probe = {"exec": {"command": ["true"]}, "periodSeconds": 1}
    sidecar = _box(STAYS, "side", restartPolicy="Always", **({"startupProbe": probe} if random.random() < 0.5 else {}))
    init = [sidecar, _box("true", "i"), _box(STAYS, "side2", restartPolicy="Always")]
    return {"initContainers": init[: random.randint(1, 3)], "containers": [_box("sleep 0.5")], "restartPolicy": "Never"}


def _web(random: Random) -> Document:
    serve = "echo hello > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"
    ask = random.choice(({"httpGet": {"path": "/", "port": 8080}}, {"tcpSocket": {"port": 8080}}))
    probes = {"readinessProbe": {**ask, "periodSeconds": 1}, "startupProbe": {**ask, "periodSeconds": 1}}
    ports = [{"containerPort": 8080, **({"hostPort": random.randint(20000, 29999)} if random.random() < 0.5 else {})}]
    return {"containers": [_box(serve, ports=ports, **probes)]}


def _unhealthy(random: Random) -> Document:
    probe = {"exec": {"command": ["test", "-e", "/tmp/healthy"]}, "periodSeconds": 1, "failureThreshold": 1}
    return {"containers": [_box(f"touch /tmp/healthy; (sleep 2; rm /tmp/healthy) & {STAYS}", livenessProbe=probe)]}


def _hooked(random: Random) -> Document:
    hooks = {"postStart": {"exec": {"command": ["true"]}}, "preStop": {"sleep": {"seconds": 1}}}
    return {"containers": [_box(STAYS, lifecycle=hooks)], "terminationGracePeriodSeconds": 3}


def _of_host(random: Random) -> Document:
    return {"containers": [_box(STAYS)], "hostNetwork": True, "hostPID": random.random() < 0.5}


def _deadline(random: Random) -> Document:
    return {"containers": [_box(STAYS)], "activeDeadlineSeconds": random.randint(1, 3)}


def _no_image(random: Random) -> Document:
    return {"containers": [{"name": "c", "image": "mini.test/none:1", "imagePullPolicy": "Never"}]}


def _no_words(random: Random) -> Document:
    variable = {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "nowhere", "key": "a"}}}
    return {"containers": [_box(STAYS, env=[variable])]}


def _no_volume(random: Random) -> Document:
    return {"containers": [_box(STAYS, volumeMounts=[{"name": "v", "mountPath": "/v"}])],
            "volumes": [{"name": "v", "secret": {"secretName": "nowhere"}}]}  # fmt: skip


def _no_command(random: Random) -> Document:
    return {"containers": [{"name": "c", "image": BOX, "command": ["/nowhere"]}]}


def _greedy(random: Random) -> Document:
    limits = {"memory": "20Mi"}
    return {"containers": [_box("head -c 80m /dev/zero | tail", resources={"limits": limits})],
            "restartPolicy": "Never"}  # fmt: skip


CRASH_LOOP = "CrashLoopBackOff"
KINDS = (
    Kind("plain", _plain, "Ready"),
    Kind("pair", _pair, "Ready"),
    Kind("stubborn", _stubborn, "Ready"),
    Kind("done", _done, "Succeeded"),
    Kind("failed", _failed, "Failed"),
    Kind("crashing", _crashing, CRASH_LOOP, steady=False),
    Kind("second-try", _second_try, "Succeeded", steady=False),
    Kind("volumes", _volumes, "Ready"),
    Kind("init", _init, "Ready"),
    Kind("init-failed", _init_failed, "Failed"),
    Kind("sidecars", _sidecars, "Succeeded"),
    Kind("web", _web, "Ready"),
    Kind("unhealthy", _unhealthy, CRASH_LOOP, steady=False),
    Kind("hooked", _hooked, "Ready"),
    Kind("of-host", _of_host, "Ready"),
    Kind("deadline", _deadline, "Failed"),
    Kind("no-image", _no_image, "ErrImageNeverPull"),
    Kind("no-words", _no_words, "CreateContainerConfigError"),
    Kind("no-volume", _no_volume, "ContainerCreating"),
    Kind("no-command", _no_command, CRASH_LOOP, steady=False),
    Kind("greedy", _greedy, "Failed"),
)


def document(kind: Kind, number: int, random: Random) -> Document:
    """A pod of that kind."""
    spec = {"nodeName": "n1", "serviceAccountName": "default", "terminationGracePeriodSeconds": 2, **kind.spec(random)}
    meta = {"name": f"{kind.name}-{number}", "namespace": "default", "labels": {"kind": kind.name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def outcome(pod: Document) -> str:
    """What has become of a pod, in one word."""
    status = pod["status"]
    if status["phase"] in ("Succeeded", "Failed"):
        return str(status["phase"])
    if any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", ())):
        return "Ready"
    everyone = (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ()))
    waiting = (status["state"]["waiting"].get("reason", "") for status in everyone if "waiting" in status["state"])
    return next((reason for reason in waiting if reason), str(status["phase"]))
