"""A chart-like install: one file of 22 kinds is created, applied again without a change, and deleted with all it made.

The definition and an object of its kind are in one file. `create` looks up the kind of each document when it comes to
it, and reads discovery again for what its cache does not know: all goes in one go. `apply` looks all of them up before
it begins, here as with every API server: that object waits for the second run, and the client says why.
"""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.cluster import eventually
from tests.support.kubectl import every_version
from tests.support.light_cluster import LightCluster
from tests.support.webhook import WebhookServer

ALWAYS_SENT = "poddisruptionbudget.policy"
"""Its selector is replaced as a whole, which kubectl does with every apply, and so says "configured" each time."""
CHART = Path(__file__).parent / "chart" / "harbour.yaml"


@dataclass(frozen=True)
class Install:
    """One kubectl, with the chart under a name of its own."""

    cluster: LightCluster
    version: str
    name: str
    folder: Path

    def write(self, hooks: WebhookServer) -> None:
        self.folder.mkdir()
        words = {"name": self.name, "Kind": self.name.title(), "url": hooks.url, "bundle": hooks.bundle}
        text = CHART.read_text()
        for word, value in words.items():
            text = text.replace(f"{{{word}}}", value)
        self.file.write_text(text)

    @property
    def file(self) -> Path:
        return self.folder / "harbour.yaml"

    @property
    def documents(self) -> int:
        return self.file.read_text().count("\nkind: ")

    def run(self, *words: str) -> tuple[int, list[str]]:
        command = [every_version()[self.version], f"--kubeconfig={self.cluster.kubeconfig}"]
        done = subprocess.run([*command, f"--cache-dir={self.folder}/cache", *words], capture_output=True, text=True,
                              timeout=120, check=False)  # fmt: skip
        return done.returncode, [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]

    def each_line_ends(self, told: tuple[int, list[str]], word: str) -> None:
        code, lines = told
        assert code == 0 and len(lines) == self.documents, f"{self.version}: {lines}"
        wrong = [line for line in lines if not line.endswith(word) and not line.startswith(f"{ALWAYS_SENT}/")]
        assert not wrong, f"{self.version}: {wrong}"

    def create_then_apply(self) -> None:
        self.run("get", "namespaces")  # fills the cache: what the same process has read it does not read again
        self.each_line_ends(self.run("create", "--save-config", "-f", str(self.file)), " created")
        self.each_line_ends(self.run("apply", "-f", str(self.file)), " unchanged")
        self.removed()

    def apply(self, *more: str) -> None:
        done = "serverside-applied" if more else ""
        code, lines = self.run("apply", *more, "-f", str(self.file))
        told = [line for line in lines if " ensure CRDs" in line or "no matches for kind" in line]
        assert code == 1 and told and len(lines) >= self.documents, f"{self.version}: {lines}"
        code, lines = self.run("apply", *more, "-f", str(self.file))
        assert code == 0 and len(lines) == self.documents, f"{self.version}: {lines}"
        (new,) = [line for line in lines if f"{self.name}.chart.example.com/north" in line]
        assert new.endswith(done or "created"), lines
        before = self.versions()
        self.each_line_ends(self.run("apply", *more, "-f", str(self.file)), done or "unchanged")
        assert self.versions() == before, "an apply without a change writes nothing"
        self.removed()

    def versions(self) -> list[str]:
        """The resourceVersions of what no controller writes to."""
        kinds = "secrets,configmaps,serviceaccounts,limitranges,roles,rolebindings,networkpolicies,ingresses"
        path = "jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.resourceVersion} {end}"
        return self.run("-n", self.name, "get", kinds, "-o", path)[1]

    def removed(self) -> None:
        code, lines = self.run("delete", "--ignore-not-found", "-f", str(self.file))
        assert code == 0, f"{self.version}: {lines}"
        everything = ("crd,clusterroles,clusterrolebindings,validatingwebhookconfigurations,"
                      "mutatingwebhookconfigurations,validatingadmissionpolicies,validatingadmissionpolicybindings,"
                      "namespaces")  # fmt: skip
        eventually(lambda: self.name not in " ".join(self.run("get", everything, "-o", "name")[1]), 60)


async def test_a_chart_comes_and_goes(cluster: LightCluster, tmp_path: Path) -> None:
    known = list(every_version())
    async with WebhookServer(cluster.server.authority) as hooks:
        hooks.ways["/judge"] = lambda request: {"allowed": True}
        installs = [
            Install(cluster, version, f"{way}{version.replace('.', '')}", tmp_path / f"{way}-{version}")
            for way, version in (("created", known[-1]), ("created", known[0]), ("applied", known[-1]),
                                 ("applied", known[0]), ("server", known[len(known) // 2]))
        ]  # fmt: skip
        for each in installs:
            each.write(hooks)
        ways = {"created": Install.create_then_apply, "applied": Install.apply,
                "server": lambda each: each.apply("--server-side")}  # fmt: skip
        tasks = [asyncio.to_thread(ways[each.name.rstrip("0123456789")], each) for each in installs]
        wrong = await asyncio.gather(*tasks, return_exceptions=True)
    if told := [f"{type(each).__name__}: {each}" for each in wrong if each is not None]:
        pytest.fail("\n".join(told), pytrace=False)
