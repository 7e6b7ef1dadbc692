"""Commands that write say what kubectl says, and leave behind what kubectl leaves behind."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.integration.minictl import rich
from tests.integration.minictl.sidebyside import SideBySide, expect, lines

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "nginx:1", ports: [{containerPort: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""


@pytest.fixture(scope="module", autouse=True)
def namespaces(side: SideBySide) -> None:
    side.do("create", "ns", "theirs")
    side.do("create", "ns", "ours")


@pytest.fixture
def manifest(tmp_path: Path) -> str:
    file = tmp_path / "web.yaml"
    file.write_text(DEPLOYMENT)
    return str(file)


def left(side: SideBySide, kind: str, name: str) -> None:
    """Both namespaces hold the same object but for what must differ."""
    texts = []
    for namespace in ("theirs", "ours"):
        text = json.loads(side.do("get", kind, name, "-n", namespace, "-o", "json", "--show-managed-fields=false"))
        for field in ("uid", "resourceVersion", "creationTimestamp", "namespace"):
            text["metadata"].pop(field, None)
        text["spec"].pop("clusterIP", None)
        text["spec"].pop("clusterIPs", None)
        for port in text["spec"].get("ports", ()):
            port.pop("nodePort", None)
        texts.append(json.dumps(text, indent=1, sort_keys=True).replace(namespace, "{ns}"))
    expect(*texts, (kind, name))


@pytest.mark.parametrize("words", lines("make"))
def test_makes_as_kubectl_does(side: SideBySide, words: str) -> None:
    side.each(*words.split(), normal=_stamps)


def _stamps(text: str) -> str:
    return re.sub(r'("?(?:uid|creationTimestamp)"?: )"?[^",\n]+"?', r"\1X", text)


def test_create_and_create_again(side: SideBySide, manifest: str) -> None:
    side.each("create", "-f", manifest)
    side.each("create", "-f", manifest)
    left(side, "deployment", "web")
    left(side, "service", "web")
    side.each("get", "-f", manifest, "-o", "name")
    side.each("delete", "-f", manifest)
    side.each("delete", "-f", manifest)


def test_apply_again_and_changed(side: SideBySide, manifest: str) -> None:
    side.each("apply", "-f", manifest)
    left(side, "deployment", "web")
    side.each("apply", "-f", manifest)
    changed = DEPLOYMENT.replace("nginx:1", "nginx:2").replace("replicas: 2", "replicas: 4")
    Path(manifest).write_text(changed)
    for flags in (["--dry-run=server"], ["--dry-run=client"], [], [], ["-o", "name"]):
        side.each("apply", "-f", manifest, *flags)
    left(side, "deployment", "web")
    unlabelled = changed.replace("name: web, labels: {app: web}}", "name: web}", 1)
    side.each("apply", "-f", "-", stdin=unlabelled)
    left(side, "deployment", "web")
    side.each("scale", "deployment", "web", "--replicas=7")
    side.each("apply", "-f", manifest)
    side.each("delete", "-f", manifest)


def test_apply_over_what_was_created(side: SideBySide, manifest: str) -> None:
    side.each("create", "-f", manifest)
    side.each("apply", "-f", manifest)
    left(side, "deployment", "web")
    side.each("delete", "-f", manifest, "--ignore-not-found")


@pytest.mark.parametrize("text", [
    "kind: Pod\nmetadata: {name: x}\n", "apiVersion: v1\nmetadata: {name: x}\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, image: i, imagee: x}]}\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {}\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: X_Y}\nspec: {containers: [{name: c, image: i}, "
    "{name: c, image: i}]}\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: elsewhere}\n", "", "# nothing\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: 1}\n",
])  # fmt: skip
@pytest.mark.parametrize("verb", ["create", "apply"])
def test_bad_manifests(side: SideBySide, verb: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    side.each(verb, "-f", str(file))


def test_the_life_of_a_deployment(side: SideBySide) -> None:
    side.each("create", "deployment", "web", "--image=nginx:1")
    side.each("create", "deployment", "web", "--image=nginx:1")
    left(side, "deployment", "web")
    wrong = []
    for words in lines("life"):
        try:
            side.each(*words.split(), normal=_ports)
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, "\n".join(wrong)


def _ports(text: str) -> str:
    return re.sub(r":3[0-2]\d{3}/", ":PORT/", re.sub(r"(10\.96\.\d+\.\d+|CLUSTER-IP) *", "IP ", text))


@pytest.mark.parametrize("words", lines("delete"))
def test_deletes_as_kubectl_does(side: SideBySide, words: str) -> None:
    for namespace in ("theirs", "ours"):
        side.do("delete", "pods", "--all", "-n", namespace, "--force", "--grace-period=0")
        for name in ("one", "two"):
            meta = {"name": name, "namespace": namespace, "labels": {"run": "plain"}}
            side.make({**rich.PLAIN_POD, "metadata": meta})
    side.each(*words.split())
    side.each("get", "pods")


def test_rollout_of_revisions(side: SideBySide) -> None:
    for namespace in ("theirs", "ours"):
        side.do("create", "deployment", "shop", "--image=shop:2", "-n", namespace)
        live = json.loads(side.do("get", "deploy", "shop", "-n", namespace, "-o", "json"))
        side.do("annotate", "deploy", "shop", "-n", namespace, "deployment.kubernetes.io/revision=2")
        for number in (1, 2):
            side.make(_revision(live, number, namespace))
        side.do("patch", "deploy", "shop", "-n", namespace, "--subresource=status", "--type=merge", "-p",
                '{"status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1,'
                ' "readyReplicas": 1, "availableReplicas": 1}}')
    wrong = []
    for words in lines("rollout"):
        try:
            side.each(*words.split(), normal=_hashes)
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, "\n".join(wrong)


def _hashes(text: str) -> str:
    moving = r"pod-template-hash=\w+|(?:uid|resourceVersion|creationTimestamp): .*"
    return re.sub(moving, "X", re.sub(r"\n *creationTimestamp: null", "", text))


def _revision(live: dict, number: int, namespace: str) -> dict:
    labels = {"app": "shop", "pod-template-hash": f"{number}{number}"}
    template = json.loads(json.dumps(live["spec"]["template"]))
    template["metadata"]["labels"] = labels
    template["spec"]["containers"][0]["image"] = f"shop:{number}"
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop", "uid": live["metadata"]["uid"],
             "controller": True}
    meta = {"name": f"shop-{number}", "namespace": namespace, "labels": labels, "ownerReferences": [owner],
            "annotations": {"deployment.kubernetes.io/revision": str(number),
                            **({"kubernetes.io/change-cause": "the first"} if number == 1 else {})}}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": meta,
            "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}}
