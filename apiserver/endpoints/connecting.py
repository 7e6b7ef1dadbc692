"""Admission of what connects: exec, attach, portforward and proxy are asked about with what they connect with.

The operation is CONNECT, and the object made of the request's query: PodExecOptions and its like. Webhooks may refuse.
Real Kubernetes: ConnectResource in k8s.io/apiserver/pkg/endpoints/handlers/rest.go.
"""

from __future__ import annotations

from typing import Any

from multidict import MultiMapping

from apiserver import options
from apiserver.call import Call
from apiserver.endpoints import write
from apiserver.registry.store import Store

_STREAMS = ("stdin", "stdout", "stderr", "tty")


async def admit(call: Call, store: Store) -> None:
    """Raises what admission has against it."""
    attributes = write.attributes(call, store, "CONNECT")
    version, kind = attributes.shown_kind
    asked = _asked(call.info.subresource, call.info.rest, call.http.query)
    await store.chain.passes(attributes, {"kind": kind, "apiVersion": version, **asked})


def _asked(subresource: str, rest: str, query: MultiMapping[str]) -> dict[str, Any]:
    if subresource == "proxy":
        return {"path": rest if rest.startswith("/") or not rest else f"/{rest}"}
    if subresource == "portforward":
        given = (port for each in query.getall("ports", ()) for port in each.split(","))
        return {"ports": [int(port) for port in given if port.isdigit()]}
    found: dict[str, Any] = {name: True for name in _STREAMS if options.flag(query, name)}
    found["container"] = query.get("container", "")
    found["command"] = list(query.getall("command", ()))
    return {name: value for name, value in found.items() if value}
