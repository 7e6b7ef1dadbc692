"""Look at and switch the kubeconfig: view, contexts, clusters, users, and which context and namespace are current."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from machinery.api import yaml
from machinery.client import config as kubeconfig
from minictl import cli, printers
from minictl.failure import Failure
from minictl.session import Session

HIDDEN = {
    "certificate-authority-data": "DATA+OMITTED",
    "client-certificate-data": "DATA+OMITTED",
    "client-key-data": "DATA+OMITTED",
    "token": "REDACTED",
    "password": "REDACTED",
}
ORDER = (
    "kind", "apiVersion", "preferences", "clusters", "users", "contexts", "current-context", "name", "server",
    "tls-server-name", "certificate-authority", "certificate-authority-data", "client-certificate",
    "client-certificate-data", "client-key", "client-key-data", "token", "cluster", "user", "context", "namespace",
)  # fmt: skip
Settings = dict[str, Any]


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `config` takes."""
    parser.add_argument("verb", choices=tuple(VERBS))
    parser.add_argument("words", nargs="*")
    parser.add_argument("-o", "--output", default="", choices=("", "yaml", "json", "name"))
    cli.switch(parser, "--raw", help="show keys and certificates, too")
    cli.switch(parser, "--minify", help="only what the current context uses")
    cli.switch(parser, "--current", help="of set-context: change the current one")
    cli.switch(parser, "--no-headers")


async def run(_: Session, args: argparse.Namespace) -> int:
    """Read the files as the client does, and show or change them."""
    files = [Path(args.kubeconfig)] if args.kubeconfig else kubeconfig.default_files()
    merged = kubeconfig.merge([kubeconfig.read(file) for file in files if file.exists()])
    args.chosen = args.context or merged["current-context"]
    text = VERBS[args.verb](args, files, merged)
    if text:
        print(text)
    return 0


def _view(args: argparse.Namespace, _: list[Path], merged: Settings) -> str:
    document = view(merged, args.chosen, raw=args.raw, minify=args.minify)
    if args.output == "json":
        return json.dumps(_ordered(document), indent=4)
    return printers.as_yaml(document)


def view(merged: Settings, current: str, *, raw: bool, minify: bool) -> Settings:
    """The merged kubeconfig as one document, its secrets hidden unless raw."""
    chosen = merged["contexts"].get(current, {})
    only = {"clusters": chosen.get("cluster"), "users": chosen.get("user"), "contexts": current}
    document: Settings = {"apiVersion": "v1", "kind": "Config", "current-context": current, "preferences": {}}
    for section, part in (("clusters", "cluster"), ("contexts", "context"), ("users", "user")):
        document[section] = [
            {"name": name, part: settings if raw else {key: HIDDEN.get(key, value) for key, value in settings.items()}}
            for name, settings in sorted(merged[section].items())
            if not minify or name == only[section]
        ]
    return document


def _ordered(value: Any) -> Any:
    """Keys in the order of Go's structs, which is kubectl's in JSON."""
    if isinstance(value, dict):
        place = {key: ORDER.index(key) if key in ORDER else len(ORDER) for key in value}
        return {key: _ordered(value[key]) for key in sorted(value, key=place.__getitem__)}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def _current(args: argparse.Namespace, _: list[Path], __: Settings) -> str:
    if not args.chosen:
        raise Failure("current-context is not set")
    return args.chosen


def _contexts(args: argparse.Namespace, _: list[Path], merged: Settings) -> str:
    if args.output == "name":
        return "\n".join(sorted(merged["contexts"]))
    titles = [] if args.no_headers else [["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]]
    return printers.columns([
        *titles,
        *(["*" if name == args.chosen else "", name, *(one.get(key, "") for key in ("cluster", "user", "namespace"))]
          for name, one in sorted(merged["contexts"].items())),
    ])  # fmt: skip


def _clusters(_: argparse.Namespace, __: list[Path], merged: Settings) -> str:
    return "\n".join(["NAME", *sorted(merged["clusters"])])


def _users(_: argparse.Namespace, __: list[Path], merged: Settings) -> str:
    return "\n".join(["NAME", *sorted(merged["users"])])


def _use(args: argparse.Namespace, files: list[Path], merged: Settings) -> str:
    if len(args.words) != 1 or args.words[0] not in merged["contexts"]:
        raise Failure(f'no context exists with the name: "{" ".join(args.words)}"')
    _rewrite(files[0], lambda document: {**document, "current-context": args.words[0]})
    return f'Switched to context "{args.words[0]}".'


def _set(args: argparse.Namespace, files: list[Path], merged: Settings) -> str:
    """Only the namespace of a context that exists: the rest is written by whoever makes the cluster."""
    name = args.chosen if args.current else " ".join(args.words)
    if name not in merged["contexts"]:
        raise Failure(f'no context exists with the name: "{name}"')
    if args.namespace is None:
        raise Failure("nothing to set: write --namespace=NAME")
    holder = next(file for file in files if file.exists() and any(
        one["name"] == name for one in kubeconfig.read(file).get("contexts") or ()))
    _rewrite(holder, lambda document: {**document, "contexts": [
        {**one, "context": {**(one.get("context") or {}), "namespace": args.namespace}} if one["name"] == name else one
        for one in document.get("contexts") or ()]})
    return f'Context "{name}" modified.'


def _rewrite(file: Path, change: Callable[[Settings], Settings]) -> None:
    """Change one file at once or not at all, all else in it untouched."""
    document = yaml.load(file.read_text()) if file.exists() else {"apiVersion": "v1", "kind": "Config"}
    fresh = file.with_name(file.name + ".new")
    fresh.touch(0o600)
    fresh.write_text(yaml.dump(change(document)))
    os.replace(fresh, file)


VERBS = {
    "view": _view,
    "current-context": _current,
    "get-contexts": _contexts,
    "get-clusters": _clusters,
    "get-users": _users,
    "use-context": _use,
    "set-context": _set,
}
