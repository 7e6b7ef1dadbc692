"""What a file makes of a static pod."""

from __future__ import annotations

import pytest

from kubelet.static.manifest import ManifestFailure, from_api, is_mirror, is_static, static_pod

TEXT = b"""
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - {name: c, image: "mini.test/busybox:1", livenessProbe: {httpGet: {port: 80}}}
"""


def test_a_file_becomes_a_pod_of_this_node() -> None:
    pod = static_pod(TEXT, "/m/web.yaml", "Worker-1")
    meta, spec = pod.metadata, pod.spec
    assert (meta.name, meta.namespace, spec.node_name) == ("web-worker-1", "default", "Worker-1")
    assert meta.annotations["kubernetes.io/config.hash"] == meta.uid and len(meta.uid) == 32
    assert meta.annotations["kubernetes.io/config.source"] == "file"
    assert [(t.operator, t.effect) for t in spec.tolerations] == [("Exists", "NoExecute")]
    assert is_static(pod) and not is_mirror(pod)


def test_the_api_servers_defaults_hold_here_too() -> None:
    container = static_pod(TEXT, "/m/web.yaml", "n1").spec.containers[0]
    assert container.termination_message_path == "/dev/termination-log"
    assert container.image_pull_policy == "IfNotPresent"
    assert container.liveness_probe is not None and container.liveness_probe.period_seconds == 10


def test_the_same_file_is_the_same_pod_and_a_changed_one_is_another() -> None:
    uid = static_pod(TEXT, "/m/web.yaml", "n1").metadata.uid
    assert static_pod(TEXT + b"\n# a remark\n", "/m/web.yaml", "n1").metadata.uid == uid
    assert static_pod(TEXT.replace(b"busybox:1", b"busybox:2"), "/m/web.yaml", "n1").metadata.uid != uid
    assert static_pod(TEXT, "/m/other.yaml", "n1").metadata.uid != uid
    assert static_pod(TEXT, "/m/web.yaml", "n2").metadata.uid != uid
    fixed = TEXT.replace(b"name: web,", b"name: web, uid: mine,")
    assert static_pod(fixed, "/m/web.yaml", "n1").metadata.uid == "mine"


def test_json_is_read_too() -> None:
    text = b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i"}]}}'
    assert static_pod(text, "/m/a.json", "n1").metadata.name == "a-n1"


@pytest.mark.parametrize("text", [
    b"", b"[1]", b"a: [", b"apiVersion: v1\nkind: Service\n", b"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n",
    b"apiVersion: v1\nkind: Pod\nspec: {containers: [{name: c}]}\n",
    b"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, ports: seven}]}\n",
    b"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: seven}\n",
    b"apiVersion: v1\nkind: Pod\nmetadata: seven\nspec: {containers: [{name: c}]}\n",
])  # fmt: skip
def test_what_is_no_pod_is_refused(text: bytes) -> None:
    with pytest.raises(ManifestFailure):
        static_pod(text, "/m/x.yaml", "n1")


def test_a_pod_of_the_api_cannot_pose_as_static() -> None:
    assert not is_static(from_api(static_pod(TEXT, "/m/web.yaml", "n1")))
