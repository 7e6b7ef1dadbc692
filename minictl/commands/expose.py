"""Put a Service in front of a deployment, replica set, pod or service."""

from __future__ import annotations

import argparse
from typing import Any

from machinery.api import scheme
from minictl import cli, generators
from minictl.commands.create import placed
from minictl.failure import Failure
from minictl.outcome import confirm, dry_run_params
from minictl.resources import one
from minictl.session import Session

SERVICES = scheme.for_kind("v1", "Service")


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `expose` takes."""
    parser.add_argument("words", nargs="*", metavar="TYPE/NAME")
    cli.dry_run_flags(parser)
    parser.add_argument("--port", type=int, default=None)
    parser.add_argument("--target-port", default="")
    parser.add_argument("--protocol", default="TCP")
    parser.add_argument("--type", default="", choices=("", "ClusterIP", "NodePort", "LoadBalancer"))
    parser.add_argument("--name", default="")
    parser.add_argument("--cluster-ip", default="")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Read the object, take its selector and ports, create the Service."""
    target = await one(session, args.words)
    exposed = await session.read(target.resource.path(session.scope(target.resource), target.name))
    document = service(args, target.name, exposed)
    if args.dry_run == "client":
        document = placed(args, SERVICES, document)
    else:
        document = await session.create(SERVICES, document, session.namespace, **dry_run_params(args))
    confirm(args, SERVICES, document, "exposed")
    return 0


def service(args: argparse.Namespace, name: str, exposed: dict[str, Any]) -> dict[str, Any]:
    """The Service document for one object."""
    selector = selector_of(exposed)
    if not selector:
        raise Failure("couldn't retrieve selectors: the object has no labels to select by")
    numbers = [args.port] if args.port else container_ports(exposed)
    if not numbers:
        raise Failure("couldn't find port via --port flag or introspection")
    ports = [port(args, number, f"port-{index}" if len(numbers) > 1 else "") for index, number in enumerate(numbers, 1)]
    fixed = {"clusterIP": args.cluster_ip} if args.cluster_ip else {}
    labels = exposed["metadata"].get("labels") or {}
    return generators.service_for(
        args.name or name, kind=args.type, selector=selector, labels=labels, ports=ports, **fixed
    )


def port(args: argparse.Namespace, number: int, name: str) -> dict[str, Any]:
    """One service port."""
    aim = args.target_port or str(number)
    named = {"name": name} if name else {}
    return {**named, "port": number, "protocol": args.protocol, "targetPort": int(aim) if aim.isdigit() else aim}


def selector_of(exposed: dict[str, Any]) -> dict[str, str]:
    """A pod is selected by its labels, everything else by what it selects itself."""
    if exposed["kind"] == "Pod":
        return exposed["metadata"].get("labels") or {}
    selector = exposed.get("spec", {}).get("selector") or {}
    if selector.get("matchExpressions"):
        raise Failure("couldn't convert expressions - the selector holds matchExpressions, a Service knows only labels")
    return selector.get("matchLabels", selector)


def container_ports(exposed: dict[str, Any]) -> list[int]:
    """The ports that the object's containers (or a service's own ports) declare."""
    spec = exposed.get("spec", {})
    if exposed["kind"] == "Service":
        return [one["port"] for one in spec.get("ports", ())]
    pod = spec.get("template", {}).get("spec", spec)
    return [one["containerPort"] for container in pod.get("containers", ()) for one in container.get("ports", ())]
