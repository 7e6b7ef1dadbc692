"""Volumes by claim, by driver and by path, who may read them, and what is told when they cannot be had."""

from __future__ import annotations

import base64
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubelet.volumes.mount import mounts_under
from tests.support.csi_driver import NAME, CsiDriver
from tests.support.kubelet import NODES, STAYS, Bench, pod, shell

CLAIMS, VOLUMES = "/api/v1/persistentvolumeclaims", "/api/v1/persistentvolumes"
CSI_DRIVERS, CSI_NODES = "/apis/storage.k8s.io/v1/csidrivers", "/apis/storage.k8s.io/v1/csinodes"
CONFIGS, SECRETS = "/api/v1/configmaps", "/api/v1/secrets"


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A short one: the name of a socket holds 107 letters."""
    with tempfile.TemporaryDirectory(prefix="kv-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def bound(bench: Bench, name: str, **source: Any) -> str:
    """A claim `name` and the volume `pv-name` that it is bound to."""
    modes, size = ["ReadWriteOnce"], {"storage": "1Gi"}
    claim = bench.api.put(CLAIMS, {
        "metadata": {"name": name, "namespace": "default"}, "status": {"phase": "Bound"},
        "spec": {"accessModes": modes, "volumeName": f"pv-{name}", "resources": {"requests": size}}})
    reference = {"kind": "PersistentVolumeClaim", "namespace": "default", "name": name, "uid": claim["metadata"]["uid"]}
    bench.api.put(VOLUMES, {"metadata": {"name": f"pv-{name}"}, "status": {"phase": "Bound"},
                            "spec": {"capacity": size, "accessModes": modes, "claimRef": reference, **source}})
    return name


def uses(claim: str, script: str, **more: Any) -> dict[str, Any]:
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": claim}}
    mounted = shell(script, volumeMounts=[{"name": "data", "mountPath": "/data"}])
    return {"volumes": [volume], "containers": [mounted], **more}


async def lines(bench: Bench, name: str) -> list[str]:
    await bench.until(lambda: bench.status(name).get("phase") in ("Succeeded", "Failed"), 60)
    assert bench.status(name)["phase"] == "Succeeded", (bench.log(name), bench.events(name))
    return bench.log(name).splitlines()


async def test_claims_of_this_node_and_of_others(bench: Bench, tmp_path: Path) -> None:
    for name in ("host", "here"):
        (tmp_path / name).mkdir()

    def only(node: str) -> dict[str, Any]:
        expression = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
        return {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}

    await bench.until(lambda: (NODES, "", "n1") in bench.api.objects)
    bound(bench, "host", hostPath={"path": str(tmp_path / "host")})
    bound(bench, "here", local={"path": str(tmp_path / "here")}, nodeAffinity=only("n1"))
    bound(bench, "there", local={"path": str(tmp_path)}, nodeAffinity=only("n2"))
    volumes = [{"name": name, "persistentVolumeClaim": {"claimName": name, "readOnly": name == "here"}}
               for name in ("host", "here")]
    mounts = [{"name": name, "mountPath": f"/{name}"} for name in ("host", "here")]
    await bench.create(pod("both", restartPolicy="Never", volumes=volumes, containers=[
        shell("echo x > /host/x; (echo x > /here/x) 2> /dev/null || echo read-only", volumeMounts=mounts)]))
    await bench.create(pod("lost", **uses("there", STAYS)))
    await bench.create(pod("early", restartPolicy="Never", **uses("late", "echo there")))
    assert await lines(bench, "both") == ["read-only"] and (tmp_path / "host/x").exists()
    await bench.until_event(
        "lost", "FailedMount", 'MountVolume.SetUp failed for volume "pv-there" : no matching NodeSelectorTerms')
    await bench.until_event(
        "early", "FailedMount",
        "Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process "
        "volumes=[data]: error processing PVC default/late: failed to fetch PVC from API server: "
        'persistentvolumeclaims "late" not found')
    bench.api.put(CLAIMS, {"metadata": {"name": "late", "namespace": "default"}, "status": {"phase": "Pending"},
                           "spec": {"accessModes": ["ReadWriteOnce"]}})
    await bench.until(lambda: any("error processing PVC default/late: PVC is not bound" in m
                                  for _, m in bench.events("early")))
    bound(bench, "late", hostPath={"path": str(tmp_path)})
    assert await lines(bench, "early") == ["there"]


async def test_nfs_that_cannot_be_mounted_is_told_as_mount_tells_it(bench: Bench) -> None:
    bound(bench, "share", nfs={"server": "127.0.0.1", "path": "/export"}, mountOptions=["vers=4.2", "soft"])
    await bench.create(pod("net", **uses("share", STAYS)))
    await bench.until(lambda: "FailedMount" in dict(bench.events("net")))
    said = dict(bench.events("net"))["FailedMount"]
    assert said.startswith('MountVolume.SetUp failed for volume "pv-share" : mount failed: exit status ')
    assert "\nMounting arguments: -t nfs -o vers=4.2,soft 127.0.0.1:/export " in said
    assert bench.status("net")["phase"] == "Pending"


async def test_who_may_read_a_pod_s_files(bench: Bench, tmp_path: Path) -> None:
    """fsGroup on every kind of volume that has owners; files made by us can be written by nobody."""
    bench.api.put(CONFIGS, {"metadata": {"name": "c", "namespace": "default"}, "data": {"k": "v"}})
    data = {"k": base64.b64encode(b"v").decode()}
    bench.api.put(SECRETS, {"metadata": {"name": "s", "namespace": "default"}, "data": data})
    (tmp_path / "disk/deep").mkdir(parents=True)
    (tmp_path / "disk/deep/file").write_text("x")
    (tmp_path / "disk/deep/file").chmod(0o600)
    bound(bench, "disk", local={"path": str(tmp_path / "disk")})
    volumes = [
        {"name": "config", "configMap": {"name": "c", "defaultMode": 0o600}},
        {"name": "secret", "secret": {"secretName": "s", "defaultMode": 0o400, "items": [{"key": "k", "path": "a/k"}]}},
        {"name": "down", "downwardAPI": {"items": [{"path": "n", "fieldRef": {"fieldPath": "metadata.name"}}]}},
        {"name": "empty", "emptyDir": {}},
        {"name": "memory", "emptyDir": {"medium": "Memory", "sizeLimit": "2Mi"}},
        {"name": "disk", "persistentVolumeClaim": {"claimName": "disk"}},
    ]
    script = """
        cat /m/config/k /m/secret/a/k /m/disk/deep/file; echo
        ls -lnL /m/config/k /m/secret/a/k | cut -c1-10; ls -lnLd /m/secret/a | cut -c1-10
        for v in config secret down; do (echo x > /m/$v/x) 2> /dev/null || echo read-only; done
        touch /m/empty/x /m/memory/x && ls -ln /m/empty/x | grep -c ' 1000 *77 '
        grep ' /m/memory ' /proc/mounts | grep -c size=2048k
    """
    mounts = [{"name": v["name"], "mountPath": f"/m/{v['name']}"} for v in volumes]
    await bench.create(pod("group", restartPolicy="Never", volumes=volumes,
                           securityContext={"runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 77},
                           containers=[shell(script, volumeMounts=mounts)]))
    assert await lines(bench, "group") == [
        "vvx", "-rw-r-----", "-r--r-----", "drwxr-sr-x", "read-only", "read-only", "read-only", "1", "1"]
    file = (tmp_path / "disk/deep/file").stat()
    assert (file.st_gid, stat.S_IMODE(file.st_mode)) == (77, 0o660)
    assert stat.S_IMODE((tmp_path / "disk/deep").stat().st_mode) & 0o2070 == 0o2070


async def test_sub_paths(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "v").mkdir()
    (tmp_path / "v/out").symlink_to("/etc")
    (tmp_path / "v/file").write_text("one\n")
    volumes = [{"name": "v", "hostPath": {"path": str(tmp_path / "v")}}]
    env = [{"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]

    def mounts(*more: dict[str, str]) -> list[dict[str, Any]]:
        return [{"name": "v", "mountPath": f"/m{number}", **each} for number, each in enumerate(more)]

    await bench.create(pod("good", restartPolicy="Never", volumes=volumes, containers=[shell(
        "cat /m0; echo x > /m1/x", env=env,
        volumeMounts=mounts({"subPath": "file"}, {"subPathExpr": "logs/$(POD)"}))]))
    await bench.create(pod("sly", volumes=volumes, containers=[
        shell(STAYS, volumeMounts=mounts({"subPath": "out/passwd"}))]))
    await bench.create(pod("unknown", volumes=volumes, containers=[
        shell(STAYS, volumeMounts=mounts({"subPathExpr": "$(NONE)"}))]))
    assert await lines(bench, "good") == ["one"] and (tmp_path / "v/logs/good/x").exists()
    for name, said in (("sly", 'failed to prepare subPath for volumeMount "v" of container "c"'),
                       ("unknown", 'missing value for "NONE"')):
        await bench.until_event(name, "Failed", f"Error: {said}")
        await bench.until_waiting(name, "CreateContainerConfigError", said)
    root = Path(bench.kubelet.base.config.root_dir)
    await bench.until(lambda: not any("volume-subpaths" in str(path) for path in mounts_under(root)))
    await bench.delete("good")
    await bench.until(lambda: bench.pod("good") is None)
    assert (tmp_path / "v/logs/good/x").exists() and (tmp_path / "v/file").read_text() == "one\n"


async def test_host_paths_that_are_not_what_they_shall_be(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    words = {"Directory": "a directory", "Socket": "a socket file", "CharDevice": "a character device",
             "BlockDevice": "a block device"}
    for kind in words:
        volume = {"name": "v", "hostPath": {"path": str(tmp_path / "f"), "type": kind}}
        await bench.create(pod(kind.lower(), volumes=[volume], containers=[shell(STAYS)]))
    for kind, what in words.items():
        said = f'MountVolume.SetUp failed for volume "v" : hostPath type check failed: {tmp_path}/f is not {what}'
        await bench.until_event(kind.lower(), "FailedMount", said)


async def test_what_is_not_supported_says_so(bench: Bench) -> None:
    image = {"name": "v", "image": {"reference": "mini.test/busybox:1"}}
    await bench.create(pod("image", volumes=[image], containers=[shell(STAYS)]))
    empty = {"name": "v", "emptyDir": {}}
    deep = [{"name": "v", "mountPath": "/v", "readOnly": True, "recursiveReadOnly": "Enabled"}]
    await bench.create(pod("deep", volumes=[empty], containers=[shell(STAYS, volumeMounts=deep)]))
    await bench.until_event("image", "FailedMount", 'MountVolume.SetUp failed for volume "v" : volumes of images are '
                                                    "alpha, and not supported")
    await bench.until_event("deep", "Failed", "Error: failed to resolve recursive read-only mode: volume "
                                              '"v" requested recursive read-only mode, but it is not supported by the '
                                              "runtime")


async def test_a_csi_driver_from_its_registration_to_the_last_pod(bench: Bench, tmp_path: Path) -> None:
    root = Path(bench.kubelet.base.config.root_dir)
    bench.api.put(CSI_DRIVERS, {"metadata": {"name": NAME}, "spec": {
        "attachRequired": False, "podInfoOnMount": True, "fsGroupPolicy": "File"}})
    bench.api.put(SECRETS, {"metadata": {"name": "key", "namespace": "default"},
                            "data": {"k": base64.b64encode(b"secret").decode()}})
    source = {"driver": NAME, "volumeHandle": "vol-1", "fsType": "ext4", "volumeAttributes": {"speed": "fast"},
              "nodePublishSecretRef": {"name": "key", "namespace": "default"}}
    bound(bench, "data", csi=source)
    await bench.create(pod("one", **uses("data", f"id > /data/one; {STAYS}", securityContext={"fsGroup": 77})))
    await bench.until_event(
        "one", "FailedMount",
        'MountVolume.MountDevice failed for volume "pv-data" : kubernetes.io/csi: attacher.MountDevice failed to '
        f"create newCsiDriverClient: driver name {NAME} not found in the list of registered CSI drivers")
    async with CsiDriver(tmp_path / "driver", root) as driver:
        driver.failures["NodePublishVolume"] = "disk on fire"
        await bench.until_event(
            "one", "FailedMount",
            'MountVolume.SetUp failed for volume "pv-data" : rpc error: code = Internal desc = disk on fire', 15)
        await bench.until_ready("one", 15)
        assert bench.api.objects[(CSI_NODES, "", "n1")]["spec"]["drivers"] == [{
            "name": NAME, "nodeID": "n1-folders", "topologyKeys": ["topology.csi.test/zone"],
            "allocatable": {"count": 5}}]
        node = bench.api.objects[(NODES, "", "n1")]["metadata"]
        assert node["annotations"]["csi.volume.kubernetes.io/nodeid"] == f'{{"{NAME}": "n1-folders"}}'
        assert node["labels"]["topology.csi.test/zone"] == "z1"
        request = driver.calls[-1][1]
        assert request.volume_context["csi.storage.k8s.io/pod.name"] == "one"
        assert dict(request.secrets) == {"k": "secret"} and request.volume_context["speed"] == "fast"
        assert request.volume_capability.mount.fs_type == "ext4" and request.volume_capability.access_mode.mode == 1
        assert "77" in (driver.volumes / "vol-1/one").read_text()
        assert (driver.volumes / "vol-1").stat().st_gid == 77
        await bench.create(pod("two", **uses("data", STAYS)))
        await bench.until_ready("two")
        driver.calls.clear()
        await bench.delete("one")
        await bench.until(lambda: bench.pod("one") is None)
        assert driver.asked() == ["NodeUnpublishVolume"]
        await bench.delete("two")
        await bench.until(lambda: bench.pod("two") is None)
        assert driver.asked() == ["NodeUnpublishVolume", "NodeUnpublishVolume", "NodeUnstageVolume"]
        assert (driver.volumes / "vol-1/one").exists() and not mounts_under(root)
        assert not list((root / "plugins/kubernetes.io/csi" / NAME).iterdir())
    await bench.until(lambda: not bench.api.objects[(CSI_NODES, "", "n1")]["spec"].get("drivers"))


async def test_csi_volumes_made_for_one_pod(bench: Bench, tmp_path: Path) -> None:
    root = Path(bench.kubelet.base.config.root_dir)
    settings = {"attachRequired": False, "podInfoOnMount": True, "volumeLifecycleModes": ["Ephemeral"]}
    bench.api.put(CSI_DRIVERS, {"metadata": {"name": NAME}, "spec": settings})
    async with CsiDriver(tmp_path / "driver", root) as driver:
        await driver.registered.wait()
        volumes = [{"name": "v", "csi": {"driver": NAME, "volumeAttributes": {"a": "b"}, "readOnly": True}}]
        script = "cat /v/context | grep -v uid; (touch /v/x) 2> /dev/null || echo read-only"
        await bench.create(pod("own", restartPolicy="Never", serviceAccountName="sa", volumes=volumes, containers=[
            shell(script, volumeMounts=[{"name": "v", "mountPath": "/v"}])]))
        info = "csi.storage.k8s.io/"
        assert await lines(bench, "own") == [
            "a=b", f"{info}ephemeral=true", f"{info}pod.name=own", f"{info}pod.namespace=default",
            f"{info}serviceAccount.name=sa", "read-only"]
        await bench.until(lambda: driver.asked() == ["NodePublishVolume", "NodeUnpublishVolume"])
        (volume,) = os.listdir(driver.volumes)
        assert volume.startswith("csi-") and len(volume) == 4 + 64
        bench.api.put(CSI_DRIVERS, {"metadata": {"name": NAME}, "spec": {"volumeLifecycleModes": ["Persistent"]}})
        await bench.create(pod("no", volumes=volumes, containers=[shell(STAYS)]))
        await bench.until_event(
            "no", "FailedMount", f'MountVolume.SetUp failed for volume "v" : volume mode "Ephemeral" not supported by '
                                 f"driver {NAME} (only supports ['Persistent'])")
