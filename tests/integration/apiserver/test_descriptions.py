"""Discovery and OpenAPI as clients fetch and keep them: forms, tags, hashes, compression; and what was removed."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from machinery.api import protobuf, yaml
from tests.integration.apiserver.conftest import Api
from tests.integration.apiserver.test_encodings import PROTOBUF, sent

OPENAPI_V2 = "application/com.github.proto-openapi.spec.v2"
PLAIN, AGGREGATED = "application/json", "as=APIGroupDiscoveryList;g=apidiscovery.k8s.io"
ORDER = ";g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"

# What clients really send when they discover: the answer's version ("" = the plain list).
CLIENTS = {
    "kubectl 1.20 to 1.25": ("application/json, */*", ""),
    "kubectl 1.26 to 1.29": (f"{PLAIN};{AGGREGATED};v=v2beta1,{PLAIN}", "v2beta1"),
    "kubectl 1.30 to 1.33": (f"{PLAIN};{AGGREGATED};v=v2,{PLAIN};{AGGREGATED};v=v2beta1,{PLAIN}", "v2"),
    "client-go in protobuf": (f"{PROTOBUF},{PLAIN}", ""),
    "a client of the future": (f"{PLAIN};{AGGREGATED};v=v3,{PLAIN}", ""),
    "none": ("", ""),
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("path", ["/api", "/apis"])
async def test_discovery_by_client(api: Api, client: str, path: str) -> None:
    accept, version = CLIENTS[client]
    status, body, headers = await sent(api, "GET", path, **({"Accept": accept} if accept else {}))
    assert status == 200
    if client == "client-go in protobuf":
        assert headers["Content-Type"] == PROTOBUF and (b"APIVersions" if path == "/api" else b"APIGroupList") in body
        return
    document = json.loads(body)
    if version:
        assert headers["Content-Type"] == PLAIN + ORDER.format(version)
        assert (document["kind"], document["apiVersion"]) == (
            "APIGroupDiscoveryList", f"apidiscovery.k8s.io/{version}"
        )  # fmt: skip
        assert headers["Cache-Control"] == "public" and headers["Vary"] == "Accept"
        status, body, again = await sent(api, "GET", path, Accept=accept, If_None_Match=headers["ETag"])
        assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])
    else:
        assert document["kind"] == ("APIVersions" if path == "/api" else "APIGroupList")


async def test_aggregated_discovery_in_every_encoding(api: Api) -> None:
    _, text, _ = await sent(api, "GET", "/apis", Accept=f"{PLAIN};{AGGREGATED};v=v2")
    plain = json.loads(text)
    _, text, headers = await sent(api, "GET", "/apis", Accept=f"application/yaml;{AGGREGATED};v=v2")
    assert yaml.load(text) == plain and headers["Content-Type"] == "application/yaml" + ORDER.format("v2")
    _, raw, headers = await sent(api, "GET", "/apis", Accept=f"{PROTOBUF};{AGGREGATED};v=v2")
    assert headers["Content-Type"] == PROTOBUF + ORDER.format("v2") and b"APIGroupDiscoveryList" in raw[:80]
    assert raw.count(b"horizontalpodautoscalers") == 2
    refused = await api.get("/apis", Accept=f"{PLAIN};{AGGREGATED};v=v3")
    assert refused.status == 406


async def test_resources_of_a_version(api: Api) -> None:
    for root in ("/api/v1", "/apis/apps/v1", "/apis/autoscaling/v1", "/apis/authorization.k8s.io/v1"):
        plain = (await api.get(root)).body
        _, raw, _ = await sent(api, "GET", root, Accept=PROTOBUF)
        read = protobuf.decode(raw)
        assert [row["name"] for row in read["resources"]] == [row["name"] for row in plain["resources"]]
        assert yaml.load((await api.get(root, Accept="application/yaml")).body) == plain
    hashes = {
        root: {row["name"]: row.get("storageVersionHash", "") for row in (await api.get(root)).body["resources"]}
        for root in ("/api/v1", "/apis/apps/v1", "/apis/autoscaling/v1", "/apis/autoscaling/v2",
                     "/apis/events.k8s.io/v1", "/apis/authorization.k8s.io/v1")
    }  # fmt: skip
    assert hashes["/api/v1"]["pods"] == "xPOwRZ+Yhw8=" and hashes["/apis/apps/v1"]["deployments"] == "8aSe+NMegvE="
    scalers = [hashes[f"/apis/autoscaling/{version}"]["horizontalpodautoscalers"] for version in ("v1", "v2")]
    assert scalers[0] == scalers[1] != "", "both are stored in one form"
    assert hashes["/api/v1"]["events"] == hashes["/apis/events.k8s.io/v1"]["events"] != ""
    assert hashes["/api/v1"]["pods/status"] == "" == hashes["/api/v1"]["componentstatuses"]
    assert set(hashes["/apis/authorization.k8s.io/v1"].values()) == {""}, "what is not stored has no hash"


async def test_openapi_v3_is_kept_by_its_hash(api: Api) -> None:
    _, text, index = await sent(api, "GET", "/openapi/v3")
    assert (await sent(api, "GET", "/openapi/v3", If_None_Match=index["ETag"]))[0] == 304
    paths = json.loads(text)["paths"]
    assert {"api/v1", "apis/autoscaling/v1", "apis/autoscaling/v2", "apis/authorization.k8s.io/v1"} <= paths.keys()
    url = paths["apis/apps/v1"]["serverRelativeURL"]
    _, body, headers = await sent(api, "GET", url)
    assert headers["Cache-Control"] == "public, immutable" and headers["Expires"].endswith("GMT")
    assert url.endswith(f"hash={headers['ETag'].strip(chr(34))}") and headers["Vary"] == "Accept"
    plain = url.partition("?")[0]
    _, same, without = await sent(api, "GET", plain)
    assert same == body and without["ETag"] == headers["ETag"] and "immutable" not in without["Cache-Control"]
    async with api.session.get(f"{api.url}{plain}?hash=OLD", allow_redirects=False) as moved:
        assert (moved.status, moved.headers["Location"]) == (301, url)
    _, packed, headers = await sent(api, "GET", url, Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == "gzip" and gzip.decompress(packed) == body
    assert headers["Vary"] == "Accept, Accept-Encoding"
    assert (await sent(api, "GET", url, Accept="text/html"))[0] == 406
    wanted = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf"
    _, raw, headers = await sent(api, "GET", url, Accept=wanted)
    assert headers["Content-Type"] == wanted.replace("@", ".") and b"io.k8s.api.apps.v1.Deployment" in raw


async def test_openapi_v2_in_its_two_encodings(api: Api) -> None:
    _, text, plain = await sent(api, "GET", "/openapi/v2")
    assert plain["Content-Type"] == PLAIN and json.loads(text)["swagger"] == "2.0"
    for accept in (f"{OPENAPI_V2}@v1.0+protobuf", f"{OPENAPI_V2}.v1.0+protobuf"):
        _, raw, headers = await sent(api, "GET", "/openapi/v2", Accept=accept)
        assert headers["Content-Type"] == f"{OPENAPI_V2}.v1.0+protobuf" and raw.startswith(b"\x0a\x032.0")
        status, _, _ = await sent(api, "GET", "/openapi/v2", Accept=accept, If_None_Match=headers["ETag"])
        assert status == 304 and headers["ETag"] != plain["ETag"]
        _, packed, headers = await sent(api, "GET", "/openapi/v2", Accept=accept, Accept_Encoding="gzip")
        assert gzip.decompress(packed) == raw and len(packed) < len(raw) / 4


@pytest.mark.parametrize(
    ("version", "replacement"),
    [("apps/v1beta2", "apps/v1"), ("extensions/v1beta1", "networking.k8s.io/v1"), ("policy/v1beta1", "policy/v1"),
     ("flowcontrol.apiserver.k8s.io/v1beta3", "flowcontrol.apiserver.k8s.io/v1")],
)
async def test_removed_versions_say_what_replaced_them(api: Api, version: str, replacement: str) -> None:
    for path in (f"/apis/{version}", f"/apis/{version}/namespaces/default/deployments"):
        answer: Any = await api.get(path)
        assert answer.status == 404 and answer.body["reason"] == "NotFound"
        assert f"apiVersion {version} was removed in Kubernetes 1." in answer.message and replacement in answer.message
