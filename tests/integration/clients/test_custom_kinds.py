"""A kind of one's own from its definition to its end, by the oldest kubectl, the newest and one between.

The scripts lie in custom/ and are walked in the order of their names (their syntax: tests/support/script.py); what
takes two commands at a time, watching and rewriting, stands here between them.
"""

from __future__ import annotations

import asyncio
import copy
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.cluster import eventually
from tests.support.conversion import ConversionServer
from tests.support.kubectl import every_version
from tests.support.light_cluster import LightCluster
from tests.support.script import Runner

SCRIPTS = Path(__file__).parent / "custom"
FIELDS = {"v1": "size", "v2": "length"}


def versions() -> list[str]:
    """The oldest, the middle one and the newest."""
    known = list(every_version())
    return list(dict.fromkeys((known[0], known[len(known) // 2], known[-1])))


class Walk:
    """One kubectl, with a group of its own for its kinds."""

    def __init__(self, cluster: LightCluster, version: str, folder: Path, *, converter: ConversionServer) -> None:
        number = version.replace(".", "")
        self.words = {"group": f"v{number}.example.com", "fleet": f"fleet{number}", "boats": f"boats{number}",
                      "boat": f"boat{number}", "bt": f"bt{number}", "Boat": f"Boat{number}"}  # fmt: skip
        self.resource = f"boats{number}.v{number}.example.com"
        self.folder, self.cluster = folder, cluster
        folder.mkdir()
        self.namespace = f"custom-{version.replace('.', '-')}"
        for path in SCRIPTS.iterdir():
            (folder / path.name).write_text(self._filled(path.read_text()))
        for name, definition in evolution(yaml.safe_load((folder / "boats.yaml").read_text()), converter).items():
            (folder / f"{name}.yaml").write_text(json.dumps(definition))
        self.binary = every_version()[version]
        self._runner = Runner(self.binary, version, cluster.kubeconfig, self.namespace, folder, folder)
        self.run("create", "namespace", self.namespace)

    def _filled(self, text: str) -> str:
        for word, value in self.words.items():
            text = text.replace(f"{{{word}}}", value)
        return text

    def run(self, *words: str, stdin: str | None = None) -> str:
        command = [self.binary, f"--kubeconfig={self.cluster.kubeconfig}", f"--cache-dir={self.folder}/cache"]
        done = subprocess.run([*command, f"--namespace={self.namespace}", *words], input=stdin, capture_output=True,
                              text=True, timeout=60, check=False)  # fmt: skip
        assert not done.returncode, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def script(self, name: str) -> None:
        if wrong := "".join(self._runner.run(self.folder / f"{name}.txt")):
            raise AssertionError(wrong)

    def whole(self) -> None:
        self.script("1-walk")
        self.watched()
        self.script("2-versions")
        self.migrated()
        self.script("3-end")
        self.run("delete", "namespace", self.namespace, "--wait=false")

    def watched(self) -> None:
        """A watch prints the columns of the definition, and every change."""
        seen = self.folder / "watched"
        words = ["get", self.resource, "--watch", f"--namespace={self.namespace}", f"--cache-dir={self.folder}/cache"]
        with seen.open("wb") as out:
            watching = subprocess.Popen([self.binary, f"--kubeconfig={self.cluster.kubeconfig}", *words], stdout=out)
        try:
            eventually(lambda: "anna" in seen.read_text())
            self.run("patch", self.resource, "anna", "--type=merge", "-p", '{"spec":{"size":8}}')
            eventually(lambda: len(seen.read_text().splitlines()) == 3)
            self.run("patch", self.resource, "anna", "--type=merge", "-p", '{"spec":{"size":7}}')
        finally:
            watching.kill()
            watching.wait()
        rows = [line.split()[:2] for line in seen.read_text().splitlines()]
        assert rows[:3] == [["NAME", "SIZE"], ["anna", "7"], ["anna", "8"]]

    def migrated(self) -> None:
        """Every object is written once as it is, which stores it anew; then the old version is struck off."""
        assert self.stored_versions() == {"anna": "v1", "berta": "v1"}
        self.run("replace", "-f", "-", stdin=self.run("get", self.resource, "-o", "json"))
        assert self.stored_versions() == {"anna": "v2", "berta": "v2"}
        crd = json.loads(self.run("get", "crd", self.resource, "-o", "json"))
        crd["status"]["storedVersions"] = ["v2"]
        path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{self.resource}/status"
        self.run("replace", "--raw", path, "-f", "-", stdin=json.dumps(crd))

    def stored_versions(self) -> dict[str, str]:
        """In which version each object lies in etcd."""
        prefix = f"/registry/{self.resource}/"
        command = ["etcdctl", f"--endpoints={self.cluster.server.etcd.url}", "get", "--prefix", "--print-value-only"]
        environment = {**os.environ, "ETCDCTL_API": "3"}
        texts = subprocess.run([*command, prefix], env=environment, capture_output=True, text=True, check=True).stdout
        found = [json.loads(text) for text in texts.splitlines() if text]
        return {each["metadata"]["name"]: each["apiVersion"].rpartition("/")[2] for each in found}


def evolution(first: dict[str, Any], converter: ConversionServer) -> dict[str, dict[str, Any]]:
    """The definition as it goes on: with a second version, which becomes the stored one, and is left alone."""
    both = copy.deepcopy(first)
    old = both["spec"]["versions"][0]
    new = copy.deepcopy(old) | {"name": "v2", "storage": False}
    spec = new["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["length"] = spec["properties"].pop("size")
    spec["required"] = ["length"]
    new["additionalPrinterColumns"][0]["jsonPath"] = ".spec.length"
    both["spec"] |= {"versions": [old, new], "conversion": converter.conversion}
    moved = copy.deepcopy(both)
    for version in moved["spec"]["versions"]:
        version["storage"] = version["name"] == "v2"
    last = copy.deepcopy(moved)
    del last["spec"]["versions"][0]
    return {"boats-both": both, "boats-moved": moved, "boats-new": last}


async def test_every_kubectl_walks_through_the_life_of_a_kind(cluster: LightCluster, tmp_path: Path) -> None:
    async with ConversionServer(cluster.server.authority, FIELDS, dns="boats") as converter:
        walks = [Walk(cluster, version, tmp_path / version, converter=converter) for version in versions()]
        wrong = await asyncio.gather(*(asyncio.to_thread(walk.whole) for walk in walks), return_exceptions=True)
    if told := [str(each) for each in wrong if each is not None]:
        pytest.fail("\n".join(told), pytrace=False)
    assert converter.asked
