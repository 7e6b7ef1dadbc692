"""Print what a pod's containers wrote."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any

from machinery.api import scheme
from machinery.api.errors import NotFound
from minictl import cli
from minictl.durations import seconds
from minictl.failure import Failure
from minictl.resources import Target, lookup
from minictl.session import Session

PODS = scheme.for_kind("v1", "Pod")


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `logs` takes."""
    parser.add_argument("words", nargs="*", metavar="POD [CONTAINER]")
    cli.selector_flags(parser)
    parser.add_argument("-c", "--container", default="")
    cli.switch(parser, "-f", "--follow")
    cli.switch(parser, "-p", "--previous", help="of the container that ran before")
    parser.add_argument("--tail", type=int, default=-1)
    parser.add_argument("--since", default="", metavar="1h2m3s")
    cli.switch(parser, "--timestamps")
    cli.switch(parser, "--all-containers")
    cli.switch(parser, "--prefix", help="start each line with its pod and container")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Find the pods, choose the containers, copy the streams."""
    pods = await _pods(session, args)
    streams = [(pod, name) for pod in pods for name in _containers(args, pod)]
    if args.follow and len(streams) > 1:
        await asyncio.gather(*(_copy(session, args, pod, name) for pod, name in streams))
    else:
        for pod, name in streams:
            await _copy(session, args, pod, name)
    return 0


async def _pods(session: Session, args: argparse.Namespace) -> list[dict[str, Any]]:
    if args.selector:
        return await _matching(session, args.selector)
    if not args.words:
        raise Failure("expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required "
                      "argument for the logs command\nSee 'minictl logs -h' for help and examples")
    args.container = args.container or (args.words[1] if len(args.words) > 1 else "")
    kind, _, name = args.words[0].rpartition("/")
    target = Target((await lookup(session, kind))[0] if kind else PODS, name)
    try:
        found = await session.read(target.resource.path(session.namespace, target.name))
    except NotFound as error:
        where = f'in namespace "{session.namespace}"'
        raise Failure(f"error from server (NotFound): {error.status.message} {where}") from error
    if target.resource.kind == "Pod":
        return [found]
    selector = found.get("spec", {}).get("selector") or {}
    wanted = selector.get("matchLabels", selector)
    pods = await _matching(session, ",".join(f"{key}={value}" for key, value in wanted.items()))
    if not pods:
        raise Failure(f"timed out waiting for the condition: no pod of {args.words[0]} exists")
    if len(pods) > 1:
        print(f"Found {len(pods)} pods, using pod/{pods[0]['metadata']['name']}", file=sys.stderr)
    return pods[:1]


async def _matching(session: Session, selector: str) -> list[dict[str, Any]]:
    return (await session.read(PODS.path(session.namespace), label_selector=selector)).get("items") or []


def _containers(args: argparse.Namespace, pod: dict[str, Any]) -> list[str]:
    names = [container["name"] for container in pod["spec"]["containers"]]
    every = [*(one["name"] for one in pod["spec"].get("initContainers", ())), *names]
    if args.all_containers:
        return every
    if args.container:
        if args.container not in every:
            raise Failure(f"container {args.container} is not valid for pod {pod['metadata']['name']}")
        return [args.container]
    if len(every) > 1:
        print(f'Defaulted container "{names[0]}" out of: {", ".join(_described(pod))}', file=sys.stderr)
    return names[:1]


def _described(pod: dict[str, Any]) -> list[str]:
    inits = [f"{one['name']} (init)" for one in pod["spec"].get("initContainers", ())]
    return [*(one["name"] for one in pod["spec"]["containers"]), *inits]


async def _copy(session: Session, args: argparse.Namespace, pod: dict[str, Any], container: str) -> None:
    meta = pod["metadata"]
    params = {
        "container": container,
        "follow": args.follow or None,
        "previous": args.previous or None,
        "timestamps": args.timestamps or None,
        "tailLines": args.tail if args.tail >= 0 else (10 if args.selector else None),
        "sinceSeconds": seconds(args.since, "--since") if args.since else None,
    }
    prefix = f"[pod/{meta['name']}/{container}] ".encode() if args.prefix else b""
    async for chunk in session.client.stream("GET", PODS.path(meta["namespace"], meta["name"], "log"), params):
        sys.stdout.buffer.write(prefixed(chunk, prefix) if prefix else chunk)
        sys.stdout.buffer.flush()


def prefixed(chunk: bytes, prefix: bytes) -> bytes:
    """Every line of a chunk behind a prefix (the node sends whole lines)."""
    return b"".join(prefix + line for line in chunk.splitlines(keepends=True))
