"""Images on the nodes: `image load FILE` brings an archive to every node, `image ls` shows what is where.

A layer that a node has is not sent again. Nodes take archives through their own server, so a pod may then say
imagePullPolicy: Never or IfNotPresent. In real Kubernetes: `kind load image-archive`, `minikube image load`.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import orjson

from minictl.failure import Failure
from minictl.session import Session

MEGA = 1_000_000


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `image` takes."""
    parser.add_argument("verb", choices=("load", "ls"), help="what to do")
    parser.add_argument("file", nargs="?", default="", help="the archive to load, as docker save writes it")
    parser.add_argument("--node", action="append", default=[], help="only this node; may be said several times")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Do what the verb says."""
    nodes = [node for node in (await session.read("/api/v1/nodes"))["items"] if _meant(node, args.node)]
    if missing := set(args.node) - {node["metadata"]["name"] for node in nodes}:
        raise Failure(f'nodes "{min(missing)}" not found')
    if args.verb == "ls":
        _list(nodes)
        return 0
    if not args.file:
        raise Failure("which archive? minictl image load FILE")
    return await _load(session, Path(args.file), [node["metadata"]["name"] for node in nodes])


def _meant(node: dict[str, Any], names: list[str]) -> bool:
    return not names or node["metadata"]["name"] in names


def _list(nodes: list[dict[str, Any]]) -> None:
    """One line for each image, by its shortest name."""
    found: dict[str, tuple[int, list[str]]] = {}
    for node in nodes:
        for image in node["status"].get("images", ()):
            name = min(image.get("names") or ["<none>"], key=lambda name: ("@" in name, len(name)))
            found.setdefault(name, (image.get("sizeBytes", 0), []))[1].append(node["metadata"]["name"])
    width = max((len(name) for name in found), default=5) + 3
    print(f"{'IMAGE':<{width}}{'SIZE':<10}NODES")
    for name, (size, where) in sorted(found.items()):
        print(f"{name:<{width}}{f'{size / MEGA:.1f}MB':<10}{','.join(where)}")


async def _load(session: Session, path: Path, nodes: list[str]) -> int:
    from minictl.archive import open_archive, write

    archive = open_archive(path)
    for node in nodes:
        proxy = f"/api/v1/nodes/{node}/proxy/images"
        known = set(orjson.loads(await session.client.request("GET", f"{proxy}/blobs"))["blobs"])
        with tempfile.TemporaryFile() as body:
            sent = write(archive, body, known)
            body.seek(0)
            await session.client.request("POST", f"{proxy}/load", body=body, content_type="application/x-tar")
        print(f"{node}: {', '.join(archive.names)} loaded, {sent} of {len(archive.digests)} blobs sent")
    return 0
