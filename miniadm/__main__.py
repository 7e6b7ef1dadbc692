"""`miniadm VERB`: the verbs of `./mini`, once everything that they need is installed."""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from miniadm.cluster import RUN_ROOT, Cluster, Machine, SetupError, from_environment
from miniadm.host import settling
from miniadm.lab import project_folder, running_init
from miniadm.progress import Progress


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        cluster = from_environment()
        if arguments.verb not in ("status", "kubeconfig") and os.geteuid() != 0:
            raise SetupError("only root can do that: run it as root, or with sudo")
        return _VERBS[arguments.verb](cluster, arguments) or 0
    except SetupError as problem:
        print(f"mini: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nmini: interrupted; ./mini up goes on from here, ./mini delete removes it", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 128 + signal.SIGPIPE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mini", description="A cluster of several machines on this computer.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    up = verbs.add_parser("up", help="start the cluster, making it if there is none")
    up.add_argument("--workers", type=int, help="how many machines beside the control plane (2)")
    up.add_argument("--runtime", choices=("containerd", "docker", "hollow"),
                    help="what runs containers (containerd)")  # fmt: skip
    up.add_argument("--no-demo", action="store_true", help="deploy nothing")
    verbs.add_parser("status", help="show machines and processes")
    shell = verbs.add_parser("shell", help="a shell inside a machine, or run one command there")
    shell.add_argument("node")
    shell.add_argument("command", nargs=argparse.REMAINDER)
    logs = verbs.add_parser("logs", help="what a component wrote")
    logs.add_argument("component")
    logs.add_argument("node", nargs="?")
    logs.add_argument("-f", "--follow", action="store_true")
    logs.add_argument("-n", "--lines", type=int, default=100)
    verbs.add_parser("kubeconfig", help="print the path of the administrator's kubeconfig")
    verbs.add_parser("down", help="stop the cluster, keeping all its state")
    verbs.add_parser("delete", help="remove every trace of the cluster")
    for verb, words in (("stop", "pull a machine's plug"), ("start", "switch a machine on again")):
        verbs.add_parser(verb, help=words).add_argument("node")
    return parser


def _up(cluster: Cluster, arguments: argparse.Namespace) -> None:
    from miniadm.up import up

    with _alone(cluster):
        up(_asked_for(cluster, arguments), Progress(), deploys=not arguments.no_demo)


def _asked_for(cluster: Cluster, arguments: argparse.Namespace) -> Cluster:
    """The stored cluster with what the user wants different; some changes need a new one."""
    workers = cluster.workers if arguments.workers is None else arguments.workers
    runtime = arguments.runtime or cluster.runtime
    if not 0 <= workers <= 50:
        raise SetupError(f"--workers {workers}: from 0 to 50")
    exists = bool(cluster.subnet)
    if exists and workers < cluster.workers:
        raise SetupError(f"there are {cluster.workers} workers; fewer need a new cluster: ./mini delete first")
    if exists and runtime != cluster.runtime:
        raise SetupError(f"this cluster runs on {cluster.runtime}; to change that: ./mini delete first")
    return replace(cluster, workers=workers, runtime=runtime)


def _status(cluster: Cluster, _: argparse.Namespace) -> None:
    from miniadm.status import show

    show(cluster)


def _shell(cluster: Cluster, arguments: argparse.Namespace) -> None:
    """Become a process of the machine: all its namespaces, and tools that find their sockets."""
    machine = _known(cluster).machine(arguments.node)
    init = running_init(machine)
    if not init:
        raise SetupError(f"{machine.name} is off; ./mini start {machine.name} or ./mini up")
    command = arguments.command or [shutil.which("bash") or "/bin/sh", "-i"]
    os.environ |= _shell_environment(cluster, machine)
    sys.stdout.flush()
    spaces = ("--mount", "--uts", "--net", "--pid")
    os.execvp("nsenter", ["nsenter", "--target", str(init), *spaces, "--wd=/", "--", *command])


def _shell_environment(cluster: Cluster, machine: Machine) -> dict[str, str]:
    tools = f"{project_folder()}/.venv/bin"
    return {
        "PATH": f"{os.environ.get('PATH', '/usr/sbin:/usr/bin:/sbin:/bin')}:{tools}",
        "PS1": f"\\[\\e[1m\\]{machine.name}\\[\\e[0m\\]:\\w# ",
        "KUBECONFIG": str(cluster.admin_kubeconfig),
        "CONTAINERD_NAMESPACE": "k8s.io",
        "CONTAINER_RUNTIME_ENDPOINT": "unix:///run/containerd/containerd.sock",
    }


def _logs(cluster: Cluster, arguments: argparse.Namespace) -> None:
    machines = _known(cluster).machines
    if arguments.node:
        machines = (cluster.machine(arguments.node),)
    paths = [machine.logs / f"{arguments.component}.log" for machine in machines]
    there = [str(path) for path in paths if path.exists()]
    if not there:
        known = sorted({path.stem for machine in machines for path in machine.logs.glob("*.log")})
        raise SetupError(f"no logs of {arguments.component!r}; there are: {', '.join(known) or 'none'}")
    follow = ["-F"] if arguments.follow else []
    sys.stdout.flush()
    os.execvp("tail", ["tail", "-n", str(arguments.lines), *follow, "--", *there])


def _known(cluster: Cluster) -> Cluster:
    if not cluster.subnet:
        raise SetupError(f"there is no cluster {cluster.name} yet; ./mini up makes it")
    return cluster


def _kubeconfig(cluster: Cluster, _: argparse.Namespace) -> None:
    print(_known(cluster).admin_kubeconfig)


def _down(cluster: Cluster, _: argparse.Namespace) -> None:
    from miniadm.remove import down

    with _alone(cluster):
        down(cluster, Progress())


def _delete(cluster: Cluster, _: argparse.Namespace) -> None:
    from miniadm.remove import delete

    with _alone(cluster):
        delete(cluster, Progress())


def _stop(cluster: Cluster, arguments: argparse.Namespace) -> None:
    from miniadm.remove import power

    power(_known(cluster), arguments.node, on=False)


def _start(cluster: Cluster, arguments: argparse.Namespace) -> None:
    from miniadm.remove import power

    power(_known(cluster), arguments.node, on=True)


@contextmanager
def _alone(cluster: Cluster) -> Iterator[None]:
    """Two commands that change the same cluster at once would undo each other's work."""
    path = RUN_ROOT / f"{cluster.name}.lock"
    with settling():
        RUN_ROOT.mkdir(exist_ok=True)
        lock = path.open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(f"another ./mini is changing cluster {cluster.name} right now") from None
        try:
            yield
        finally:
            with settling():
                path.unlink(missing_ok=True)
                if not any(RUN_ROOT.iterdir()):
                    RUN_ROOT.rmdir()


_VERBS = {
    "up": _up,
    "status": _status,
    "shell": _shell,
    "logs": _logs,
    "kubeconfig": _kubeconfig,
    "down": _down,
    "delete": _delete,
    "stop": _stop,
    "start": _start,
}

if __name__ == "__main__":
    sys.exit(main())
