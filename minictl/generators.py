"""Objects made from flags: what `run`, `create KIND NAME` and `expose` write for you.

Pure, but for reading the files that --from-file names. In real Kubernetes: kubectl/pkg/cmd/create, run, expose.
"""

from __future__ import annotations

import base64
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from minictl.failure import Failure

Document = dict[str, Any]


def from_words(args: Namespace) -> Document:
    """`create deployment web …`: the object of that kind."""
    if not args.words:
        raise Failure("must specify one of -f and -k, or a kind and a name, such as: minictl create namespace dev")
    kind, *names = args.words
    if kind == "secret" and names[:1] == ["generic"]:
        names = names[1:]
    if kind in ("service", "svc") and names[:1] and names[0] in SERVICE_TYPES:
        return _one(names[1:], lambda name: service(name, SERVICE_TYPES[names[0]], args))
    if kind not in GENERATORS:
        raise Failure(f'unknown kind "{kind}" to create by flags; known: {", ".join(sorted({*GENERATORS, "service"}))}')
    return _one(names, lambda name: GENERATORS[kind](name, args))


def _one(names: list[str], make: Callable[[str], Document]) -> Document:
    if len(names) != 1:
        raise Failure(f"exactly one NAME is required, got {len(names)}")
    return make(names[0])


def namespace(name: str, _: Namespace) -> Document:
    """`create namespace dev`."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"creationTimestamp": None, "name": name},
            "spec": {}, "status": {}}  # fmt: skip


def service_account(name: str, _: Namespace) -> Document:
    """`create serviceaccount robot`."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"creationTimestamp": None, "name": name}}


def deployment(name: str, args: Namespace) -> Document:
    """`create deployment web --image=nginx`: selector and pods carry the label app=web."""
    if not args.image:
        raise Failure('required flag(s) "image" not set: write --image=IMAGE')
    labels = {"app": name}
    containers = [_container(_image_name(image), image, args.port) for image in args.image]
    if args.after_dashes:
        containers[0]["command"] = args.after_dashes
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"creationTimestamp": None, "labels": labels, "name": name},
        "spec": {
            "replicas": args.replicas,
            "selector": {"matchLabels": labels},
            "strategy": {},
            "template": {"metadata": {"creationTimestamp": None, "labels": labels}, "spec": {"containers": containers}},
        },
        "status": {},
    }


def pod(name: str, args: Namespace) -> Document:
    """`run web --image=nginx -- args`: a single pod labelled run=web."""
    container = _container(name, args.image, args.port)
    if args.env:
        container["env"] = [dict(zip(("name", "value"), _pair(one, "--env"), strict=True)) for one in args.env]
    if args.after_dashes:
        container["command" if args.as_command else "args"] = args.after_dashes
    if args.image_pull_policy:
        container["imagePullPolicy"] = args.image_pull_policy
    labels = dict(_pair(one, "--labels") for one in args.labels.split(",")) if args.labels else {"run": name}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"creationTimestamp": None, "labels": labels, "name": name},
        "spec": {"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": args.restart},
        "status": {},
    }


def config_map(name: str, args: Namespace) -> Document:
    """`create configmap settings --from-literal=k=v --from-file=f`."""
    data = {key: value.decode() for key, value in _entries(args)}
    return {"apiVersion": "v1", "data": data, "kind": "ConfigMap",
            "metadata": {"creationTimestamp": None, "name": name}}  # fmt: skip


def secret(name: str, args: Namespace) -> Document:
    """`create secret generic db --from-literal=password=x`: values end up in base64."""
    data = {key: base64.b64encode(value).decode() for key, value in _entries(args)}
    document = {"apiVersion": "v1", "data": data, "kind": "Secret",
                "metadata": {"creationTimestamp": None, "name": name}}  # fmt: skip
    return {**document, "type": args.type} if args.type else document


def service(name: str, kind: str, args: Namespace) -> Document:
    """`create service nodeport web --tcp=80:8080`: selects the pods labelled app=web."""
    if kind == "ExternalName" and not args.external_name:
        raise Failure('required flag(s) "external-name" not set')
    if kind != "ExternalName" and not args.tcp and args.clusterip != "None":
        raise Failure("at least one tcp port specifier must be provided")
    labels = {"app": name}
    fixed = {"clusterIP": args.clusterip, "externalName": args.external_name}
    node_port = {"nodePort": args.node_port} if args.node_port else {}
    ports = [{**_tcp_port(text), **node_port} for text in args.tcp]
    return service_for(name, kind=kind, selector=labels, labels=labels, ports=ports,
                       **{key: value for key, value in fixed.items() if value})  # fmt: skip


def service_for(name: str, *, kind: str, selector: dict[str, str], labels: dict[str, str],
                ports: list[Document], **spec: Any) -> Document:  # fmt: skip
    """A Service document."""
    body = {**({"ports": ports} if ports else {}), "selector": selector, **({"type": kind} if kind else {}), **spec}
    return {"apiVersion": "v1", "kind": "Service",
            "metadata": {"creationTimestamp": None, "labels": labels, "name": name},
            "spec": body, "status": {"loadBalancer": {}}}  # fmt: skip


def _container(name: str, image: str, port: int | None) -> Document:
    ports = {"ports": [{"containerPort": port}]} if port else {}
    return {"image": image, "name": name, **ports, "resources": {}}


def _image_name(image: str) -> str:
    """The container's name: the image's last part without tag or digest."""
    return image.rpartition("/")[2].partition("@")[0].partition(":")[0].replace("_", "-").replace(".", "-")


def _tcp_port(text: str) -> Document:
    port, _, target = text.partition(":")
    if not port.isdigit():
        raise Failure(f"--tcp={text}: write PORT or PORT:TARGETPORT")
    aim = int(target) if target.isdigit() else target or int(port)
    return {"name": text.replace(":", "-"), "port": int(port), "protocol": "TCP", "targetPort": aim}


def _entries(args: Namespace) -> list[tuple[str, bytes]]:
    literals = [(key, value.encode()) for key, value in map(_literal, args.from_literal)]
    return [*literals, *(entry for one in args.from_file for entry in _file_entries(one))]


def _literal(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise Failure(f"invalid literal source {text}, expected key=value")
    return key, value


def _file_entries(text: str) -> list[tuple[str, bytes]]:
    key, equals, file = text.partition("=")
    path = Path(file if equals else text)
    if not path.exists():
        raise Failure(f"error reading {path}: no such file or directory")
    files = [path] if path.is_file() else sorted(entry for entry in path.iterdir() if entry.is_file())
    return [(key if equals else entry.name, entry.read_bytes()) for entry in files]


def _pair(text: str, flag: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise Failure(f'invalid {flag} "{text}": write KEY=VALUE')
    return key, value


SERVICE_TYPES = {"clusterip": "ClusterIP", "externalname": "ExternalName", "loadbalancer": "LoadBalancer",
                 "nodeport": "NodePort"}  # fmt: skip
NAMED = {"ConfigMap": "configmap", "Deployment": "deployment", "Secret": "secret", "Service": "service",
         "ServiceAccount": "serviceaccount"}  # fmt: skip
GENERATORS: dict[str, Callable[[str, Namespace], Document]] = {
    "configmap": config_map,
    "cm": config_map,
    "deployment": deployment,
    "deploy": deployment,
    "namespace": namespace,
    "ns": namespace,
    "secret": secret,
    "serviceaccount": service_account,
    "sa": service_account,
}
