"""Plugins are run in order and undone backwards, whatever happens in between; the plugins here are small scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kubelet.runtime import interface as rt
from kubelet.runtime.docker import cni

SPEC = rt.SandboxSpec("web", "default", "u1", ports=(rt.PortMapping(80, 8080),))
CONFIG = {"cniVersion": "0.4.0", "name": "pods", "plugins": [
    {"type": "first"}, {"type": "second", "capabilities": {"portMappings": True}}]}  # fmt: skip
PLUGIN = """#!/bin/sh
cat > {folder}/{name}.$CNI_COMMAND
echo "{name} $CNI_COMMAND $CNI_CONTAINERID [$CNI_NETNS] $CNI_IFNAME" >> {folder}/log
{more}
test $CNI_COMMAND = DEL || echo '{{"ips": [{{"address": "10.0.0.{name_size}/24"}}]}}'
"""


def plugin(folder: Path, name: str, more: str = "") -> None:
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(PLUGIN.format(folder=folder, name=name, more=more, name_size=len(name)))
    path.chmod(0o755)


@pytest.fixture
def network(tmp_path: Path) -> cni.Network:
    plugin(tmp_path, "first")
    plugin(tmp_path, "second")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "10-pods.conflist").write_text(json.dumps(CONFIG))
    return cni.Network(f"{tmp_path}/conf", (f"{tmp_path}/none", f"{tmp_path}/bin"), tmp_path / "records")


def log(folder: Path) -> list[str]:
    return (folder / "log").read_text().splitlines()


async def test_there_and_back(network: cni.Network, tmp_path: Path) -> None:
    assert network.ready and await network.attach("s", "/proc/1/ns/net", SPEC) == ("10.0.0.6",)
    later = cni.Network(f"{tmp_path}/gone", (f"{tmp_path}/bin",), tmp_path / "records")
    assert later.addresses("s") == ("10.0.0.6",) and not later.ready
    await later.detach("s", "")
    await later.detach("s", "")
    assert log(tmp_path) == [
        "first ADD s [/proc/1/ns/net] eth0", "second ADD s [/proc/1/ns/net] eth0", "second DEL s [] eth0",
        "first DEL s [] eth0"]  # fmt: skip
    assert later.addresses("s") == () and not list((tmp_path / "records").iterdir())
    asked = json.loads((tmp_path / "second.ADD").read_text())
    assert asked == {
        "type": "second", "name": "pods", "cniVersion": "0.4.0", "prevResult": {"ips": [{"address": "10.0.0.5/24"}]},
        "runtimeConfig": {"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]}}  # fmt: skip
    assert "runtimeConfig" not in json.loads((tmp_path / "first.ADD").read_text())


async def test_what_was_taken_before_a_failure_is_given_back(network: cni.Network, tmp_path: Path) -> None:
    plugin(tmp_path, "second", 'test $CNI_COMMAND = DEL || { echo \'{"msg": "no room"}\'; exit 1; }')
    words = 'networkPlugin cni failed to set up pod "web_default" network: no room'
    with pytest.raises(rt.RuntimeFailure, match=words):
        await network.attach("s", "/n", SPEC)
    assert [line.split(" s ")[0] for line in log(tmp_path)] == ["first ADD", "second ADD", "second DEL", "first DEL"]
    assert network.addresses("s") == () and not list((tmp_path / "records").iterdir())


async def test_a_plugin_that_is_not_there(network: cni.Network, tmp_path: Path) -> None:
    (tmp_path / "bin" / "first").unlink()
    with pytest.raises(rt.RuntimeFailure, match='failed to find plugin "first" in path'):
        await network.attach("s", "/n", SPEC)


async def test_no_network_is_described(tmp_path: Path) -> None:
    network = cni.Network(f"{tmp_path}", (), tmp_path / "records")
    (tmp_path / "10.conflist").write_text("{")
    assert not network.ready
    with pytest.raises(rt.RuntimeFailure, match="cni config uninitialized"):
        await network.attach("s", "/n", SPEC)
    (tmp_path / "20.conf").write_text('{"name": "one", "type": "bridge"}')
    assert cni.configuration(str(tmp_path)) == {"name": "one", "plugins": [{"name": "one", "type": "bridge"}]}
