"""What CRI is asked, as golden text; and what its answers mean."""

from __future__ import annotations

from google.protobuf import text_format

from kubelet.runtime import interface as rt
from kubelet.runtime.cri import convert
from kubelet.runtime.cri.messages import message

SANDBOX = rt.SandboxSpec(
    "web", "default", "u1", 1, hostname="web", log_directory="/logs", dns=rt.Dns(("10.96.0.10",), ("x",), ("ndots:5",)),
    ports=(rt.PortMapping(80, 8080, "UDP"),), labels={rt.POD_UID: "u1"}, cgroup_parent="/kubepods/podu1",
)
CONTAINER = rt.ContainerSpec(
    "c", "sha256:1", 2, command=("run",), env=(("A", "1"),), mounts=(rt.Mount("/h", "/c", True, "HostToContainer"),),
    log_path="c/2.log", resources=rt.Resources(2, 50000, 100000, 1 << 20, 1000),
    security=rt.Security(run_as_user=0, masked_paths=("/proc/kcore",)),
)

SANDBOX_TEXT = """\
metadata { name: "web" uid: "u1" namespace: "default" attempt: 1 } hostname: "web" log_directory: "/logs" \
dns_config { servers: "10.96.0.10" searches: "x" options: "ndots:5" } \
port_mappings { protocol: 1 container_port: 80 host_port: 8080 } \
labels { key: "io.kubernetes.pod.uid" value: "u1" } \
linux { cgroup_parent: "/kubepods/podu1" security_context { namespace_options { pid: 1 } seccomp { } } }"""

CONTAINER_TEXT = """\
metadata { name: "c" attempt: 2 } image { image: "sha256:1" } command: "run" envs { key: "A" value: "1" } \
mounts { container_path: "/c" host_path: "/h" readonly: true propagation: 1 } log_path: "c/2.log" \
linux { resources { cpu_period: 100000 cpu_quota: 50000 cpu_shares: 2 memory_limit_in_bytes: 1048576 \
oom_score_adj: 1000 } security_context { capabilities { } namespace_options { pid: 1 } run_as_user { } \
masked_paths: "/proc/kcore" seccomp { profile_type: 1 } } }"""


def text(kind: str, fields: dict[str, object]) -> str:
    return text_format.MessageToString(message(kind)(**fields), as_one_line=True)


def test_a_sandbox_as_cri_is_asked_for_it() -> None:
    assert text("PodSandboxConfig", convert.sandbox_config(SANDBOX)) == SANDBOX_TEXT


def test_a_container_as_cri_is_asked_for_it() -> None:
    assert text("ContainerConfig", convert.container_config(CONTAINER, SANDBOX.namespaces)) == CONTAINER_TEXT


def test_a_container_s_status() -> None:
    status = message("ContainerStatus")(
        id="x", metadata={"name": "c", "attempt": 2}, state=2, created_at=1, started_at=10**18, finished_at=2 * 10**18,
        exit_code=3, image={"image": "i"}, image_ref="sha256:1", reason="Error", labels={rt.POD_UID: "u1"},
    )
    found = convert.container(status, "s")
    assert (found.name, found.attempt, found.state, found.exit_code) == ("c", 2, rt.ContainerState.EXITED, 3)
    assert found.started_at.isoformat() == "2001-09-09T01:46:40+00:00"
    assert convert.time_of(0) is None


def test_a_sandbox_s_addresses() -> None:
    status = message("PodSandboxStatus")(network={"ip": "1.1.1.1", "additional_ips": [{"ip": "fd::1"}]})
    assert convert.sandbox_ips(status) == ("1.1.1.1", "fd::1")
    assert convert.sandbox_ips(message("PodSandboxStatus")()) == ()


def test_the_table_s_numbers_are_the_wire_s() -> None:
    listed = message("Container")(id="a", labels={"k": "v"}, state=1)
    assert listed.SerializeToString().hex() == "0a01613001" + "42060a016b120176"
