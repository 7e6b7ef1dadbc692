"""Look at and switch the kubeconfig: view, current-context, get-contexts, use-context."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from machinery.api import yaml
from machinery.client import config as kubeconfig
from minictl import printers
from minictl.failure import Failure
from minictl.session import Session

HIDDEN = {
    "certificate-authority-data": "DATA+OMITTED",
    "client-certificate-data": "DATA+OMITTED",
    "client-key-data": "DATA+OMITTED",
    "token": "REDACTED",
    "password": "REDACTED",
}


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `config` takes."""
    parser.add_argument("verb", choices=("view", "current-context", "get-contexts", "use-context"))
    parser.add_argument("words", nargs="*")
    parser.add_argument("--raw", action="store_true", help="show keys and certificates, too")
    parser.add_argument("--minify", action="store_true", help="only what the current context uses")


async def run(_: Session, args: argparse.Namespace) -> int:
    """Read the files as the client does, and show or change them."""
    files = [Path(args.kubeconfig)] if args.kubeconfig else kubeconfig.default_files()
    merged = kubeconfig.merge([kubeconfig.read(file) for file in files if file.exists()])
    current = args.context or merged["current-context"]
    match args.verb:
        case "view":
            print(printers.as_yaml(view(merged, current, raw=args.raw, minify=args.minify)))
        case "current-context":
            if not current:
                raise Failure("current-context is not set")
            print(current)
        case "get-contexts":
            print(printers.columns(_contexts(merged, current)))
        case "use-context":
            _use(files, merged, args.words)
    return 0


def view(merged: dict[str, Any], current: str, *, raw: bool, minify: bool) -> dict[str, Any]:
    """The merged kubeconfig as one document, its secrets hidden unless raw."""
    chosen = merged["contexts"].get(current, {})
    only = {"clusters": chosen.get("cluster"), "users": chosen.get("user"), "contexts": current}
    document: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "current-context": current, "preferences": {}}
    for section, part in (("clusters", "cluster"), ("contexts", "context"), ("users", "user")):
        document[section] = [
            {"name": name, part: settings if raw else {key: HIDDEN.get(key, value) for key, value in settings.items()}}
            for name, settings in sorted(merged[section].items())
            if not minify or name == only[section]
        ]
    return document


def _contexts(merged: dict[str, Any], current: str) -> list[list[str]]:
    rows = [
        ["*" if name == current else "", name, one.get("cluster", ""), one.get("user", ""), one.get("namespace", "")]
        for name, one in sorted(merged["contexts"].items())
    ]
    return [["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"], *rows]


def _use(files: list[Path], merged: dict[str, Any], words: list[str]) -> None:
    """Write current-context into the first file, all else in it untouched."""
    if len(words) != 1 or words[0] not in merged["contexts"]:
        raise Failure(f'no context exists with the name: "{" ".join(words)}"')
    document = yaml.load(files[0].read_text()) if files[0].exists() else {"apiVersion": "v1", "kind": "Config"}
    fresh = files[0].with_name(files[0].name + ".new")
    fresh.write_text(yaml.dump({**document, "current-context": words[0]}))
    fresh.chmod(0o600)
    os.replace(fresh, files[0])
    print(f'Switched to context "{words[0]}".')
