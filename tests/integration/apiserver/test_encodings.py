"""Protobuf, YAML and gzip over the wire, each kind with every field set; and who gets which form."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import orjson
import pytest

from apiserver.storage.connection import EtcdConfig
from apiserver.storage.etcd import EtcdStorage
from machinery.api import protobuf, scheme, wire, yaml
from machinery.api.scheme import Resource
from tests.integration.apiserver.conftest import Api, deployment, pod
from tests.integration.apiserver.test_kinds import CASES, place
from tests.support.apiserver import ApiServer
from tests.support.cluster_samples import SAMPLES
from tests.support.protobuf import Everything, google_class, sample

Doc = dict[str, Any]
PROTOBUF = "application/vnd.kubernetes.protobuf"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
STATUS = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
VIEWS = {("autoscaling/v1", "HorizontalPodAutoscaler"), ("events.k8s.io/v1", "Event")}
"""Stored in the form of another version."""
OWN_STATUS = ("CustomResourceDefinition", "APIService", "FlowSchema")
"""The server itself writes their status, between two requests."""
STORED = [
    row for row in scheme.resources()
    if "watch" in row.verbs and (row.api_version, row.kind) not in VIEWS and row.kind not in OWN_STATUS
]  # fmt: skip
BODIES = [(place(case, "n")[2], case.patch) for case in CASES] + [
    (given.document(), given.change) for given in SAMPLES if given.kind not in OWN_STATUS
]  # fmt: skip


async def sent(api: Api, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes, Any]:
    """An answer's status, bytes and headers, as they came."""
    given = {"Accept-Encoding": "identity"} | {name.replace("_", "-"): value for name, value in headers.items()}
    url = api.url + path
    async with api.session.request(method, url, data=body, headers=given, auto_decompress=False) as answer:
        return answer.status, await answer.read(), answer.headers


async def spoken(api: Api, method: str, path: str, document: Doc | None = None, *, code: int = 200) -> Doc:
    """A request and its answer, both in protobuf."""
    body = protobuf.encode(document) if document else None
    status, answer, headers = await sent(api, method, path, body, Accept=PROTOBUF, Content_Type=PROTOBUF)
    assert answer.startswith(b"k8s\0") and headers["Content-Type"] == PROTOBUF, answer
    assert status == code, protobuf.decode(answer)
    return protobuf.decode(answer)


async def frames(api: Api, path: str, count: int, accept: str = f"{PROTOBUF};stream=watch") -> list[tuple[str, Doc]]:
    """The first events of a watch in protobuf: type and object."""
    found = []
    async with asyncio.timeout(60), api.session.get(api.url + path, headers={"Accept": accept}) as answer:
        assert answer.headers["Content-Type"] == f"{PROTOBUF};stream=watch"
        while len(found) < count:
            size = int.from_bytes(await answer.content.readexactly(4), "big")
            event = wire.submessages(await answer.content.readexactly(size))
            found.append((event[1].decode(), protobuf.decode(wire.submessages(event[2])[1])))
    return found


def whole(row: Resource, namespace: str) -> Doc:
    """An object with every field set, as etcd holds it."""
    draw = Everything(1)
    document = {"kind": row.kind, "apiVersion": row.api_version} | sample(row.model, draw)
    meta = {key: value for key, value in document["metadata"].items() if key != "resourceVersion"}
    return document | {"metadata": {**meta, "name": "whole", "namespace": namespace}}


@pytest.mark.parametrize("row", STORED, ids=lambda row: row.kind)
async def test_every_field_comes_over(api: Api, server: ApiServer, row: Resource, namespace: str) -> None:
    document = whole(row, namespace)
    key = f"/registry/{row.plural}/{f'{namespace}/' if row.namespaced else ''}whole"
    async with EtcdStorage(EtcdConfig(servers=(server.etcd.url,))) as etcd:
        await etcd.create(key, orjson.dumps(document))
        try:
            path = row.path(namespace)
            plain = (await api.get(f"{path}/whole")).body
            expected = row.model.from_dict(plain)
            _, answer, _ = await sent(api, "GET", f"{path}/whole", Accept=PROTOBUF)
            assert row.model.from_dict(protobuf.decode(answer)) == expected
            message = wire.submessages(answer[4:])[2]
            theirs = google_class(row.model).FromString(message)
            assert theirs.SerializeToString(deterministic=True) == message, "another reader sees the same fields"
            _, listed, _ = await sent(api, "GET", f"{path}?fieldSelector=metadata.name%3Dwhole", Accept=PROTOBUF)
            assert wire.varint(len(message)) + message in listed and f"{row.kind}List".encode() in listed
            ((kind, seen),) = await frames(api, f"{path}?watch=true&fieldSelector=metadata.name%3Dwhole", 1)
            assert kind == "ADDED" and row.model.from_dict(seen) == expected
        finally:
            await etcd.delete(key)


@pytest.mark.parametrize(("document", "change"), BODIES, ids=lambda value: value.get("kind", ""))
async def test_a_life_in_protobuf(api: Api, namespace: str, document: Doc, change: Doc) -> None:
    row = scheme.for_kind(document["apiVersion"], document["kind"])
    name = document["metadata"]["name"]
    path = row.path(namespace)
    made = await spoken(api, "POST", path, document, code=201)
    one = f"{path}/{name}"
    assert made["kind"] == row.kind and await spoken(api, "GET", one) == made
    assert row.model.from_dict((await api.get(one)).body) == row.model.from_dict(made)
    revision = made["metadata"]["resourceVersion"]
    labelled = made | {"metadata": made["metadata"] | {"labels": {"seen": "yes"}}}
    updated = await spoken(api, "PUT", one, labelled)
    assert updated["metadata"]["labels"] == {"seen": "yes"}
    status, answer, _ = await sent(
        api, "PATCH", one, json.dumps(change or {"metadata": {"labels": {"a": "b"}}}).encode(),
        Accept=PROTOBUF, Content_Type="application/merge-patch+json",
    )  # fmt: skip
    assert status == 200 and protobuf.decode(answer)["metadata"]["name"] == name
    events = await frames(api, f"{path}?watch=true&resourceVersion={revision}", 1)
    assert events[0][0] == "MODIFIED" and events[0][1] == updated
    how = {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0, "propagationPolicy": "Background"}
    gone = await spoken(api, "DELETE", one, how)
    assert gone["kind"] in ("Status", row.kind)
    missing = await spoken(api, "GET", one, code=404)
    assert missing["reason"] == "NotFound" and missing["details"]["name"] == name


async def test_reviews_and_scales(api: Api, namespace: str) -> None:
    asked = {
        "kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1",
        "spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}},
    }  # fmt: skip
    answer = await spoken(api, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", asked, code=201)
    assert answer["status"]["allowed"] is True
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    await api.post(path, deployment("web", replicas=3))
    scale = await spoken(api, "GET", f"{path}/web/scale")
    assert (scale["kind"], scale["spec"]) == ("Scale", {"replicas": 3})
    scaled = await spoken(api, "PUT", f"{path}/web/scale", scale | {"spec": {"replicas": 5}})
    assert scaled["spec"] == {"replicas": 5}
    listed = await sent(api, "DELETE", path, Accept=PROTOBUF)
    assert listed[0] == 200 and b"DeploymentList" in listed[1]


async def test_watches_in_protobuf(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    made = (await api.post(path, {"metadata": {"name": "c"}, "data": {"k": "v"}})).body
    begin = int(made["metadata"]["resourceVersion"]) - 1
    both = await asyncio.gather(*(frames(api, f"{path}?watch=1&resourceVersion={begin}", 1) for _ in range(2)))
    assert both[0] == both[1] == [("ADDED", made)]
    accept = f"{PROTOBUF};{PARTIAL}"
    (partial,) = await frames(api, f"{path}?watch=1&resourceVersion={begin}", 1, accept)
    assert partial == ("ADDED", {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                                 "metadata": made["metadata"]})  # fmt: skip
    wanted = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    events = await frames(api, f"{path}?watch=1&{wanted}", 2)
    assert events[1][0] == "BOOKMARK" and events[1][1]["kind"] == "ConfigMap"
    assert events[1][1]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    refused = await api.get(f"{path}?watch=1", Accept="application/yaml")
    assert (refused.status, refused.headers["Content-Type"]) == (406, "application/yaml")
    assert yaml.load(refused.body)["message"].endswith(
        "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"
    )


async def test_metadata_alone_in_every_encoding(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    made = (await api.post(path, pod("a"))).body
    for version in ("v1", "v1beta1"):
        form = f"as=PartialObjectMetadata;g=meta.k8s.io;v={version}"
        expected = {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{version}",
                    "metadata": made["metadata"]}  # fmt: skip
        assert (await api.get(f"{path}/a", Accept=f"application/json;{form}")).body == expected
        assert yaml.load((await api.get(f"{path}/a", Accept=f"application/yaml;{form}")).body) == expected
        _, answer, _ = await sent(api, "GET", f"{path}/a", Accept=f"{PROTOBUF};{form}")
        assert wire.submessages(wire.submessages(answer[4:])[1])[1] == f"meta.k8s.io/{version}".encode()
    listing = f"{PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    _, answer, _ = await sent(api, "GET", path, Accept=listing)
    assert b"PartialObjectMetadataList" in answer and b"nginx" not in answer
    said = "you requested PartialObjectMetadata{}, but the requested object is {}".format
    wrong = await api.get(path, Accept=f"application/json;{PARTIAL}")
    assert (wrong.status, wrong.message) == (406, said("", "a list (*core.PodList)"))
    wrong = await api.get(f"{path}/a", Accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
    assert (wrong.status, wrong.message) == (406, said("List", "not a list (*core.Pod)"))


async def test_tables(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    made = (await api.post(path, pod("a"))).body
    older = await api.get(f"{path}/a", Accept=TABLE.replace("v=v1", "v=v1beta1"))
    assert older.body["apiVersion"] == "meta.k8s.io/v1beta1"
    assert older.body["rows"][0]["object"]["apiVersion"] == "meta.k8s.io/v1beta1"
    assert older.body["metadata"] == {"resourceVersion": made["metadata"]["resourceVersion"]}
    text = await api.get(path, Accept=TABLE.replace("json", "yaml"))
    assert yaml.load(text.body)["rows"][0]["cells"][0] == "a"
    fallen = await api.get(path, Accept=f"{TABLE.replace('json', 'vnd.kubernetes.protobuf')},application/json")
    assert fallen.body["kind"] == "PodList", "protobuf has no Table"
    for url in (path, f"{path}/a", f"{path}?watch=1"):
        wrong = await api.get(f"{url}{'&' if '?' in url else '?'}includeObject=All", Accept=TABLE)
        assert (wrong.status, wrong.message) == (
            400, "Unable to convert to Table as requested: includeObject: Invalid value: \"All\": "
            "must be 'Metadata', 'Object', 'None', or empty",
        )  # fmt: skip
    events = await api.watch(f"{path}?watch=1&allowWatchBookmarks=true&sendInitialEvents=true"
                             "&resourceVersionMatch=NotOlderThan", count=2, Accept=TABLE)  # fmt: skip
    assert len(events[0]["object"]["columnDefinitions"]) == 9 and events[1]["object"]["columnDefinitions"] is None
    end = events[1]["object"]["rows"][0]
    assert len(end["cells"]) == 9 and end["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_what_cannot_be_had_or_read(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    refused = await api.get(path, Accept="application/cbor")
    assert refused.status == 406 and refused.body == STATUS | {
        "message": "only the following media types are accepted: application/json, application/yaml, "
        "application/vnd.kubernetes.protobuf", "reason": "NotAcceptable", "code": 406,
    }  # fmt: skip
    missing = await api.get(f"{path}/none", Accept=f"image/png,{TABLE}")
    assert missing.status == 404 and missing.body["reason"] == "NotFound", "an error is told in any case"
    unread = await api("POST", path, b"<a/>", content_type="text/xml")
    assert (unread.status, unread.message) == (
        415, "the body of the request was in an unknown format - accepted media types include: "
        "application/json, application/yaml, application/vnd.kubernetes.protobuf",
    )  # fmt: skip
    unread = await api("PATCH", f"{path}/none", b"{}", content_type="application/json")
    assert (unread.status, unread.message) == (
        415, "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, "
        "application/apply-patch+yaml",
    )  # fmt: skip
    made = await api("POST", path, b"metadata: {name: text}\n", content_type="application/yaml; charset=utf-8")
    assert made.status == 201
    patched = await api(
        "PATCH", f"{path}/text", b'{"data":{"a":"b"}}', content_type="application/merge-patch+json; charset=utf-8"
    )
    assert patched.status == 200 and patched.body["data"] == {"a": "b"}


async def test_people_get_indented_json(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    plain = await sent(api, "GET", path)
    asking = {"User_Agent": "curl/8.5.0"}, {"Accept": "application/json;pretty=1"}
    for url, headers in ((f"{path}?pretty=true", {}), *((path, each) for each in asking)):
        _, text, given = await sent(api, "GET", url, **headers)
        assert text.startswith(b'{\n  "kind": "ConfigMapList",\n') and given["Content-Type"] == "application/json"
        assert json.loads(text)["kind"] == json.loads(plain[1])["kind"]
    assert b"\n" not in (await sent(api, "GET", f"{path}?pretty=false", User_Agent="curl/8.5.0"))[1]


async def test_large_lists_are_compressed_for_those_who_ask(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    for number in range(3):
        await api.post(path, {"metadata": {"name": f"c{number}"}, "data": {"k": "v" * 50_000}})
    for accept in ("application/json", PROTOBUF, "application/yaml", "application/json;pretty=1"):
        _, whole_body, plain = await sent(api, "GET", path, Accept=accept)
        assert "Content-Encoding" not in plain and len(whole_body) > 150_000
        _, packed, headers = await sent(api, "GET", path, Accept=accept, Accept_Encoding="deflate, gzip")
        assert headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in headers["Vary"]
        assert gzip.decompress(packed) == whole_body and len(packed) < 20_000
        assert headers["Content-Type"] == plain["Content-Type"] == accept.partition(";")[0]
    _, _, small = await sent(api, "GET", f"{path}/c0", Accept_Encoding="gzip")
    assert "Content-Encoding" not in small
    begin = f"{path}?watch=1&timeoutSeconds=1"
    _, _, stream = await sent(api, "GET", begin, Accept_Encoding="gzip")
    assert "Content-Encoding" not in stream
