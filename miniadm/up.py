"""`mini up`: from whatever state there is to a running cluster with the demo answering.

Idempotent: every step looks first and does what is missing. Nothing waits for a fixed time; what must be
waited for is a condition with a deadline, and on failure the text names the log to read.
kubeadm's `init` and `join` phases are the model.
"""

from __future__ import annotations

import datetime
import json
import math
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import yaml

from miniadm import addresses, checks, containerd, demo, dockerd, host, images, kubeconfig, lab, remove, services
from miniadm.api import Api, Object, Unavailable, condition
from miniadm.cluster import Cluster, Machine, SetupError
from miniadm.progress import Progress
from miniadm.status import processes

DEADLINE = 120.0
DEMO_PODS = 3
DEMO, PERMISSIONS, STORAGE = (
    Path(__file__).with_name(name) for name in ("demo.yaml", "permissions.yaml", "storage.yaml")
)
_COLLECTIONS = {
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "Service": "/api/v1/namespaces/{}/services",
    "StorageClass": "/apis/storage.k8s.io/v1/storageclasses",
}


def up(cluster: Cluster, progress: Progress, *, deploys: bool = True) -> None:
    """Bring the cluster up; raises SetupError with what to do if that cannot be."""
    with progress.step("look at this computer"):
        checks.load_modules()
        checks.preflight(cluster)
    was_up = bool(lab.running_lab(cluster))
    try:
        cluster = _settle(cluster, progress)
        api = _start(cluster, progress)
    except BaseException:
        if not was_up:
            remove.down(cluster, Progress(quiet=True))
        raise
    with progress.step("nodes are Ready"):
        _wait(cluster, "the nodes", lambda: _all_ready(cluster, api), log="kubelet")
        _wait(cluster, "the role of the control plane", lambda: _has_its_role(cluster, api))
    answers: list[str] = []
    if deploys:  # Not before: the first node would get all of its pods.
        with progress.step("deploy the demo"):
            create(cluster, api, DEMO)
    if deploys and cluster.runs_containers:
        with progress.step("the demo answers through a NodePort"):
            _wait(cluster, "the demo", lambda: _answers_steadily(cluster, answers), log="kubelet")
    _tell_user(cluster, progress, answers)


def _start(cluster: Cluster, progress: Progress) -> Api:
    """From nothing to an API server that answers."""
    lab.start(cluster)
    with progress.step("certificates and kubeconfigs"):
        _credentials(cluster)
    with progress.step(f"switch on {len(cluster.machines)} machines"):
        _machines(cluster)
    api = Api(cluster)
    with progress.step("API server answers"):
        _wait(cluster, "the API server", api.ready, log="apiserver")
    with progress.step("permissions of its own components"):
        create(cluster, api, PERMISSIONS)
        create(cluster, api, STORAGE)
    return api


def _settle(cluster: Cluster, progress: Progress) -> Cluster:
    """Decide what is undecided, write the decision down, and take the LAN before another cluster does.

    A LAN that the computer has since got a route to is given up for another: certificates and kubeconfigs follow,
    and the nodes report their new addresses.
    """
    with host.settling():
        if not cluster.subnet:
            host.link_down(cluster)  # What a lost folder leaves: nobody knows the bridge's addresses.
        if host.bridge_alias(cluster.bridge) is None:
            taken = addresses.host_networks()
            if not cluster.subnet or not addresses.is_free(cluster.subnet, taken):
                cluster = replace(cluster, subnet=str(addresses.free_subnet(taken)))
        cluster.run.mkdir(parents=True, exist_ok=True)
        cluster.save()
        with progress.step(f"network {cluster.subnet} on bridge {cluster.bridge}"):
            host.link_up(cluster)
    return cluster


def _credentials(cluster: Cluster) -> None:
    from miniadm import pki  # Its import takes longer than all else here: not for `status` to pay.

    pki.ensure(cluster)
    kubeconfig.write_all(cluster)


def _machines(cluster: Cluster) -> None:
    archive = images.build(cluster.images, checks.busybox())
    for machine in cluster.machines:
        if cluster.runs_containers:
            containerd.write(machine)
        if cluster.runtime == "docker":
            dockerd.write(machine)
        services.write(machine, archive)
        machine.switch.touch()
        lab.notify(cluster)
    for machine in cluster.machines:
        _wait(cluster, f"machine {machine.name}", lambda machine=machine: bool(lab.running_init(machine)))


def create(cluster: Cluster, api: Api, file: Path) -> None:
    """The objects of a file, unless they are there."""
    for manifest in yaml.safe_load_all(file.read_text()):
        path = _COLLECTIONS[manifest["kind"]].format(manifest["metadata"].get("namespace"))
        _wait(cluster, file.stem, lambda path=path, manifest=manifest: _is_there(api, path, manifest))


def _is_there(api: Api, path: str, manifest: Object) -> bool:
    """Looked for first: a Service that asks for its own port again is refused for that."""
    status, _ = api.request("GET", f"{path}/{_name(manifest)}")
    return status == 200 or api.create(path, manifest)


def _all_ready(cluster: Cluster, api: Api) -> bool:
    """Every machine's node takes pods, and the kubelet that runs now has said so: etcd remembers those before it."""
    ready = {_name(node) for node in api.get("/api/v1/nodes")["items"] if _takes_pods(node)}
    leases = api.get("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases")["items"]
    renewed = {_name(lease): _renewed(lease) for lease in leases}
    fresh = {machine.name for machine in cluster.machines if renewed.get(machine.name, 0.0) > _kubelet_start(machine)}
    return ready & fresh >= {machine.name for machine in cluster.machines}


def _takes_pods(node: Object) -> bool:
    """Ready, and the taint that says otherwise is gone, too: a pod that comes before waits a second for another try."""
    taints = {taint["key"] for taint in node["spec"].get("taints", ())}
    return condition(node, "Ready") and "node.kubernetes.io/not-ready" not in taints


def _has_its_role(cluster: Cluster, api: Api) -> bool:
    """Said by the administrator: a kubelet must not give itself such a label."""
    body = json.dumps({"metadata": {"labels": {services.CONTROL_PLANE_ROLE: ""}}}).encode()
    paths = [f"/api/v1/nodes/{machine.name}" for machine in cluster.machines if machine.is_control_plane]
    asked = (api.request("PATCH", path, body, content="application/merge-patch+json") for path in paths)
    return all(status == 200 for status, _ in asked)


def _renewed(lease: Object) -> float:
    return datetime.datetime.fromisoformat(lease["spec"]["renewTime"]).timestamp()


def _kubelet_start(machine: Machine) -> float:
    return next((one.started for one in processes(machine) if one.name == "kubelet"), math.inf)


def _name(obj: Object) -> str:
    return str(obj["metadata"]["name"])


def _answers_steadily(cluster: Cluster, answers: list[str]) -> bool:
    """As many times as the demo has pods: after a restart the Service may still name some that are not back."""
    answers[:] = [demo.ask(cluster) for _ in range(DEMO_PODS)]
    return all(answers)


def _wait(cluster: Cluster, what: str, holds: Callable[[], bool], *, log: str = "") -> None:
    """Until `holds()`; what it raises as Unavailable is the reason told if time runs out."""
    deadline, reason = time.monotonic() + DEADLINE, ""
    while time.monotonic() < deadline:
        try:
            if holds():
                return
            reason = ""
        except Unavailable as error:
            reason = str(error)
        if not lab.running_lab(cluster):
            raise SetupError(f"the lab ended by itself; its last words are in {cluster.lab_log}")
        time.sleep(0.05)
    hint = f"see ./mini logs {log}" if log else f"see {cluster.lab_log}"
    text = f"{what} did not come up within {DEADLINE:.0f} s: {hint}. {reason}".rstrip()
    raise SetupError("\n".join([text, *failing(cluster)]))


def failing(cluster: Cluster) -> Iterable[str]:
    """Services that end whenever they are started, each with the last thing that it said."""
    for machine in cluster.machines:
        for process in processes(machine):
            if process.state == "backing-off":
                log = machine.logs / f"{process.name}.log"
                words = log.read_text(errors="replace").split("\n") if log.exists() else []
                last = next((line.strip() for line in reversed(words) if line.strip(" +-|")), "it said nothing")
                yield f"  - {process.name} on {machine.name} keeps ending: {last}"


def _tell_user(cluster: Cluster, progress: Progress, answers: list[str]) -> None:
    client = "kubectl" if shutil.which("kubectl") else ".venv/bin/minictl"
    path = kubeconfig.user_file()
    try:
        kubeconfig.add_context(cluster, path)
        client += f" --context {cluster.name}"
    except (SetupError, OSError) as problem:
        progress.say(f"  (no context was added to your kubeconfig: {problem})")
        client += f" --kubeconfig {cluster.admin_kubeconfig}"
    progress.say(f"\nCluster {cluster.name} is up after {progress.total:.1f} s.")
    if answers:
        progress.say(f"{demo.url(cluster)} answers: {answers[-1]}")
    progress.say("\nTry next:")
    hints = [*try_next(cluster, client)]
    width = max(len(command) for command, _ in hints)
    for command, purpose in hints:
        progress.say(f"  {command:<{width}}  {purpose}".rstrip())


def try_next(cluster: Cluster, client: str) -> Iterable[tuple[str, str]]:
    """Commands worth a newcomer's time, and what for."""
    node = cluster.machines[-1].name
    yield f"{client} get nodes,pods -o wide", "who runs where"
    if cluster.runs_containers:
        yield f"curl {demo.url(cluster)}", "again and again: another pod answers"
    yield f"{client} scale deployment web --replicas=5", ""
    yield f"{client} set image deployment/web web=mini/web:2", "a rolling update"
    yield "./mini status", "machines and processes"
    yield f"./mini shell {node}", "inside a machine a pod's own address answers"
    yield f"./mini stop {node}", "pull its plug; ./mini start puts it back"
    yield "./mini down", "stop and keep everything; ./mini delete leaves no trace"
