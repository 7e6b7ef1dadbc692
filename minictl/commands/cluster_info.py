"""Where the control plane answers, and the services of kube-system that call themselves part of the cluster."""

from __future__ import annotations

import argparse
import sys

from machinery.api import scheme
from minictl.session import Session

SERVICES = scheme.for_kind("v1", "Service")
GREEN, YELLOW, PLAIN = "\x1b[0;32m", "\x1b[0;33m", "\x1b[0m"


def flags(_: argparse.ArgumentParser) -> None:
    """`cluster-info` takes no flags of its own."""


async def run(session: Session, _: argparse.Namespace) -> int:
    """Ask for the services, so that an unreachable server shows."""
    answer = await session.read(SERVICES.path("kube-system"), label_selector="kubernetes.io/cluster-service=true")
    server = session.config.server
    print(_line("Kubernetes control plane", server))
    for item in answer.get("items") or ():
        name = item["metadata"].get("labels", {}).get("kubernetes.io/name") or item["metadata"]["name"]
        print(_line(name, f"{server}{SERVICES.path('kube-system', item['metadata']['name'], 'proxy')}"))
    print("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.")
    return 0


def _line(name: str, url: str) -> str:
    if sys.stdout.isatty():
        return f"{GREEN}{name}{PLAIN} is running at {YELLOW}{url}{PLAIN}"
    return f"{name} is running at {url}"
