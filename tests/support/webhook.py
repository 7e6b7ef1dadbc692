"""A real HTTPS server that answers AdmissionReviews as a test tells it to, path by path.

async with WebhookServer(authority) as hooks:
    hooks.ways["/deny"] = lambda request: {"allowed": False}
    configuration(hooks.webhook("/deny"))
"""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

from tests.support.etcd import free_ports
from tests.support.pki import Authority

Doc = dict[str, Any]
Way = Callable[[Doc], Any]
"""From the review's request to its response (uid is filled in), or to a whole HTTP answer."""
PODS = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE", "UPDATE", "DELETE"]}


class WebhookServer:
    """See the module. `asked` holds (path, request) in the order in which they came."""

    def __init__(self, authority: Authority, *, dns: str = "api.test") -> None:
        pair = authority.issue(f"webhook-{dns}", dns=dns)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pair.cert, pair.key)
        self.bundle = base64.b64encode(authority.ca.cert.read_bytes()).decode()
        (self.port,) = free_ports(1)
        self.url = f"https://127.0.0.1:{self.port}"
        self.ways: dict[str, Way] = {}
        self.asked: list[tuple[str, Doc]] = []
        self.hosts: list[str] = []
        self._runner: web.ServerRunner | None = None

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._answer), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self._context).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, http: web.BaseRequest) -> web.StreamResponse:
        request = json.loads(await http.read())["request"]
        self.asked.append((http.path, request))
        self.hosts.append(http.host)
        response = self.ways[http.path](request)
        if hasattr(response, "__await__"):
            response = await response
        if isinstance(response, web.Response):
            return response
        told = {"uid": request["uid"], **response}
        return web.json_response({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": told})

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def webhook(self, path: str, **fields: Any) -> Doc:
        """An entry of a configuration, for pods unless told otherwise."""
        return {
            "name": f"{path.strip('/')}.example.com",
            "clientConfig": {"url": self.url + path, "caBundle": self.bundle},
            "rules": [PODS],
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
            **fields,
        }


def patch(*operations: Doc) -> Doc:
    """A response that allows, and changes."""
    text = base64.b64encode(json.dumps(operations).encode()).decode()
    return {"allowed": True, "patchType": "JSONPatch", "patch": text}


def labelled(key: str, value: str) -> Way:
    """A webhook that sets a label."""

    def answer(request: Doc) -> Doc:
        had = (request["object"]["metadata"].get("labels")) is not None
        value_at = {"path": f"/metadata/labels/{key}", "value": value}
        whole = {"path": "/metadata/labels", "value": {key: value}}
        return patch({"op": "add", **(value_at if had else whole)})

    return answer
