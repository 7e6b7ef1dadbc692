"""Follow and steer a deployment's rollout: status, history, undo, pause, resume, restart."""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime
from typing import Any

from machinery.api import scheme
from minictl import cli, printers
from minictl.describe.containers import template
from minictl.describe.page import Page
from minictl.durations import seconds
from minictl.failure import Failure
from minictl.outcome import SUFFIX, dry_run_params
from minictl.resources import Target, lookup, named, qualified_name
from minictl.session import Session

REVISION = "deployment.kubernetes.io/revision"
CAUSE = "kubernetes.io/change-cause"
RESTARTED = "kubectl.kubernetes.io/restartedAt"
REPLICASETS = scheme.for_kind("apps/v1", "ReplicaSet")


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `rollout` takes."""
    parser.add_argument("verb", choices=tuple(VERBS))
    parser.add_argument("words", nargs="*", metavar="TYPE/NAME")
    parser.add_argument("--to-revision", type=int, default=0)
    parser.add_argument("--revision", type=int, default=0, help="show this revision's template")
    cli.switch(parser, "-w", "--watch", default=True)
    parser.add_argument("--timeout", default="0s", metavar="1m30s", help="of status: how long to wait, 0s is for ever")
    cli.dry_run_flags(parser)


async def run(session: Session, args: argparse.Namespace) -> int:
    """One verb for every named deployment."""
    if not args.words:
        raise Failure("required resource not specified: write TYPE/NAME, such as deployment/web")
    for target in await _targets(session, args):
        if target.resource.kind != "Deployment":
            raise Failure(f"no rollout for {target.resource.qualified}: only deployments have one")
        await VERBS[args.verb](session, args, target)
    return 0


async def _targets(session: Session, args: argparse.Namespace) -> list[Target]:
    """The named deployments, or all of them if only their type is named."""
    if len(args.words) > 1 or "/" in args.words[0]:
        return await named(session, args.words)
    word = args.words[0]
    if not scheme.resource_named(word):
        raise Failure(f'"{word}" names no type: write minictl rollout {args.verb} deployment/{word}')
    resource = (await lookup(session, word))[0]
    items = (await session.listed(resource, session.scope(resource))).get("items") or ()
    return [Target(resource, item["metadata"]["name"]) for item in items]


async def _status(session: Session, args: argparse.Namespace, target: Target) -> None:
    """Print a line per step until all pods are new and available, or the time is up."""
    try:
        async with asyncio.timeout(seconds(args.timeout, "--timeout") or None):
            await _follow(session, args, target)
    except TimeoutError as error:
        raise Failure("timed out waiting for the condition") from error


async def _follow(session: Session, args: argparse.Namespace, target: Target) -> None:
    collection = target.resource.path(session.namespace)
    only = {"field_selector": f"metadata.name={target.name}"}
    live = await session.read(target.resource.path(session.namespace, target.name))
    line, done = progress(live)
    print(line, flush=True)
    version = live["metadata"]["resourceVersion"]
    while not done and args.watch:
        frames = session.watch(collection, accept="application/json", resource_version=version, **only)
        async for frame in frames:
            if frame["type"] == "DELETED":
                raise Failure("object has been deleted")
            version = frame["object"]["metadata"]["resourceVersion"]
            before, (line, done) = line, progress(frame["object"])
            if line != before:
                print(line, flush=True)
            if done:
                break


def progress(live: dict[str, Any]) -> tuple[str, bool]:
    """kubectl's sentence about a deployment, and whether its rollout is complete. Raises Failure if it is stuck."""
    name, spec, status = live["metadata"]["name"], live["spec"], live.get("status", {})
    wanted, updated = spec.get("replicas", 1), status.get("updatedReplicas", 0)
    total, available = status.get("replicas", 0), status.get("availableReplicas", 0)
    waiting = f'Waiting for deployment "{name}" rollout to finish: '
    if live["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return "Waiting for deployment spec update to be observed...", False
    if any(c["type"] == "Progressing" and c.get("reason") == "ProgressDeadlineExceeded"
           for c in status.get("conditions", ())):  # fmt: skip
        raise Failure(f'deployment "{name}" exceeded its progress deadline')
    if updated < wanted:
        return f"{waiting}{updated} out of {wanted} new replicas have been updated...", False
    if total > updated:
        return f"{waiting}{total - updated} old replicas are pending termination...", False
    if available < updated:
        return f"{waiting}{available} of {updated} updated replicas are available...", False
    return f'deployment "{name}" successfully rolled out', True


async def _revisions(session: Session, target: Target) -> dict[int, dict[str, Any]]:
    """The deployment's replica sets by revision."""
    live = await session.read(target.resource.path(session.namespace, target.name))
    answer = await session.read(REPLICASETS.path(session.namespace))
    mine = [
        item for item in answer.get("items") or ()
        if any(owner["uid"] == live["metadata"]["uid"] for owner in item["metadata"].get("ownerReferences", ()))
    ]  # fmt: skip
    return {int(item["metadata"].get("annotations", {}).get(REVISION, 0)): item for item in mine}


async def _history(session: Session, args: argparse.Namespace, target: Target) -> None:
    revisions = await _revisions(session, target)
    shown = qualified_name(target.resource, target.name)
    title = f"{shown} with revision #{args.revision}" if args.revision else f"{shown} "
    if not revisions:
        print(f"{title}\nNo rollout history found.")
        return
    if args.revision:
        if args.revision not in revisions:
            raise Failure("unable to find the specified revision")
        if args.output:
            whole = printers.for_people({"apiVersion": "apps/v1", "kind": "ReplicaSet", **revisions[args.revision]})
            print(printers.as_yaml(whole) if args.output == "yaml" else printers.as_json(whole))
        else:
            print(f"{title}\n{_template(revisions[args.revision])}")
        return
    rows = [["REVISION", "CHANGE-CAUSE"]]
    for number, item in sorted(revisions.items()):
        rows.append([str(number), item["metadata"].get("annotations", {}).get(CAUSE, "<none>")])
    print(f"{title}\n" + "\n".join(row[0].ljust(10) + row[1] for row in rows) + "\n")


def _template(revision: dict[str, Any]) -> str:
    """A revision's pod template with its cause; in kubectl's layout, whose tabs are left as they are."""
    page, wanted = Page(), revision["spec"]["template"]
    cause = (revision["metadata"].get("annotations") or {}).get(CAUSE)
    meta = wanted["metadata"]
    notes = {**(meta.get("annotations") or {}), **({CAUSE: cause} if cause else {})}
    template(page, {**wanted, "metadata": {**meta, "annotations": notes}})
    return page.text(aligned=False)


async def _undo(session: Session, args: argparse.Namespace, target: Target) -> None:
    """Put an earlier template back; the deployment controller does the rest."""
    revisions = await _revisions(session, target)
    wanted = args.to_revision or next(iter(sorted(revisions, reverse=True)[1:]), 0)
    if wanted not in revisions:
        message = f"unable to find specified revision {wanted} in history" if args.to_revision else (
            f'no rollout history found for deployment "{target.name}"')
        raise Failure(message)
    earlier = revisions[wanted]["spec"]["template"]
    labels = {k: v for k, v in earlier["metadata"].get("labels", {}).items() if k != "pod-template-hash"}
    if args.dry_run == "client":
        bare = {"metadata": {}, "spec": revisions[wanted]["spec"]}
        print(f"{qualified_name(target.resource, target.name)} {_template(bare)} (dry run)")
        return
    patch = [{"op": "replace", "path": "/spec/template",
              "value": {**earlier, "metadata": {**earlier["metadata"], "labels": labels}}}]  # fmt: skip
    await session.patch(target.resource.path(session.namespace, target.name), patch, "json", **dry_run_params(args))
    print(f"{qualified_name(target.resource, target.name)} rolled back{SUFFIX.get(args.dry_run, '')}")


async def _pause(session: Session, _: argparse.Namespace, target: Target) -> None:
    await _set_paused(session, target, True)


async def _resume(session: Session, _: argparse.Namespace, target: Target) -> None:
    await _set_paused(session, target, False)


async def _set_paused(session: Session, target: Target, paused: bool) -> None:
    path = target.resource.path(session.namespace, target.name)
    done = "paused" if paused else "resumed"
    if bool((await session.read(path))["spec"].get("paused")) == paused:
        raise Failure(f'deployments.apps "{target.name}" is {"already paused" if paused else "not paused"}')
    await session.patch(path, {"spec": {"paused": paused or None}})
    print(f"{qualified_name(target.resource, target.name)} {done}")


async def _restart(session: Session, _: argparse.Namespace, target: Target) -> None:
    """Touch the template, so that every pod is replaced."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    patch = {"spec": {"template": {"metadata": {"annotations": {RESTARTED: now}}}}}
    await session.patch(target.resource.path(session.namespace, target.name), patch, "strategic")
    print(f"{qualified_name(target.resource, target.name)} restarted")


VERBS = {
    "status": _status,
    "history": _history,
    "undo": _undo,
    "pause": _pause,
    "resume": _resume,
    "restart": _restart,
}
