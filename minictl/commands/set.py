"""Change one thing of an object: `minictl set image deployment/web web=nginx:2`."""

from __future__ import annotations

import argparse
from typing import Any

from minictl.failure import Failure
from minictl.resources import named, qualified_name
from minictl.session import Session


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `set` takes."""
    parser.add_argument("what", choices=("image",))
    parser.add_argument("words", nargs="*", metavar="TYPE/NAME CONTAINER=IMAGE")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Patch the images of the named containers ("*" means all)."""
    pairs = dict(word.split("=", 1) for word in args.words if "=" in word)
    if not pairs:
        raise Failure("at least one image update is required: write CONTAINER=IMAGE")
    for target in await named(session, [word for word in args.words if "=" not in word]):
        path = target.resource.path(session.scope(target.resource), target.name)
        patch = image_patch(await session.read(path), pairs)
        if patch:
            await session.patch(path, patch, "strategic")
            print(f"{qualified_name(target.resource, target.name)} image updated")
    return 0


def image_patch(document: dict[str, Any], pairs: dict[str, str]) -> dict[str, Any] | None:
    """The strategic patch that sets these images, None if they are set already."""
    spec = document.get("spec", {})
    pod = spec.get("template", {}).get("spec", spec)
    containers = {one["name"]: one["image"] for one in pod.get("containers", ())}
    unknown = set(pairs) - set(containers) - {"*"}
    if unknown:
        raise Failure(f'unable to find container named "{sorted(unknown)[0]}"')
    wanted = {name: pairs.get(name, pairs.get("*", image)) for name, image in containers.items()}
    changed = [{"name": name, "image": image} for name, image in wanted.items() if image != containers[name]]
    if not changed:
        return None
    body = {"containers": changed}
    return {"spec": {"template": {"spec": body}} if "template" in spec else body}
