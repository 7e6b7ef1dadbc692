"""Bodies: objects after a schema, valid ones with one thing spoilt, and bytes that no parser should trust."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import yaml

JUNK: tuple[Any, ...] = (
    None, "", 0, -1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**40, 1.5, 1e308, -0.0, True, False, [], {}, [None], [[]],
    [{}], {"a": None}, {"": ""}, "x" * 300, "é", "0", "null", "\x00", "\ud800", "../..", "a/b/c", "-5%", "1e400",
    "999999999999999999Ei", "1" * 60, {"name": None}, ["x", "x"], "2026-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "2m",
    "10.0.0.1", "::1", "$(x)", {"$patch": "delete"}, {"$patch": "odd"}, [{"$patch": "replace"}], {"$retainKeys": 1},
    {"f:x": {}}, "\u202e", "a" * 70_000, {"matchLabels": {"a": "b"}},
)  # fmt: skip
TEMPLATE = {
    "metadata": {"labels": {"a": "b"}},
    "spec": {
        "containers": [{
            "name": "c", "image": "i:1", "ports": [{"containerPort": 80}, {"containerPort": 80, "protocol": "UDP"}],
            "env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
            "resources": {"limits": {"cpu": "1"}}, "livenessProbe": {"httpGet": {"port": 80}},
        }],
        "volumes": [{"name": "v", "secret": {"secretName": "s", "items": [{"key": "a", "path": "b"}]}}],
        "tolerations": [{"key": "a", "operator": "Exists"}],
    },
}  # fmt: skip
WORKLOAD = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE, "replicas": 2}
ENDING = {"spec": {**TEMPLATE["spec"], "restartPolicy": "Never"}}
GOOD: dict[str, dict[str, Any]] = {
    "Pod": {"spec": {**TEMPLATE["spec"], "nodeName": "n"}},
    "PodTemplate": {"template": TEMPLATE},
    "Service": {"spec": {"type": "NodePort", "selector": {"a": "b"}, "ports": [{"port": 80, "targetPort": "http"}]}},
    "Secret": {"data": {"a": "YQ=="}, "stringData": {"b": "c"}},
    "ConfigMap": {"data": {"a": "b"}, "binaryData": {"c": "YQ=="}},
    "Endpoints": {"subsets": [{"addresses": [{"ip": "10.1.2.3"}], "ports": [{"port": 80}]}]},
    "EndpointSlice": {"addressType": "IPv4", "endpoints": [{"addresses": ["10.1.2.3"]}], "ports": [{"port": 80}]},
    "Node": {"spec": {"taints": [{"key": "a", "effect": "NoSchedule"}], "podCIDR": "10.1.0.0/24"}},
    "Namespace": {},
    "Deployment": {"spec": {**WORKLOAD, "strategy": {"rollingUpdate": {"maxSurge": "25%"}}}},
    "ReplicaSet": {"spec": WORKLOAD},
    "StatefulSet": {"spec": {**WORKLOAD, "serviceName": "s"}},
    "DaemonSet": {"spec": {k: v for k, v in WORKLOAD.items() if k != "replicas"}},
    "ReplicationController": {"spec": {"template": TEMPLATE, "replicas": 1}},
    "Job": {"spec": {"template": ENDING, "completions": 2}},
    "CronJob": {"spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": ENDING}}}},
    "Lease": {"spec": {"leaseDurationSeconds": 1, "renewTime": "2026-01-01T00:00:00.000000Z"}},
    "Event": {"involvedObject": {"namespace": "fuzz", "name": "x"}, "reason": "R", "type": "Normal"},
    "ControllerRevision": {"revision": 1, "data": {"x": [1]}},
    "HorizontalPodAutoscaler": {
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "w", "apiVersion": "apps/v1"}, "maxReplicas": 5}
    },
    "PodDisruptionBudget": {"spec": {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}}},
    "PersistentVolumeClaim": {
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    },
    "PersistentVolume": {
        "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"}}
    },
    "Ingress": {"spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}}},
    "NetworkPolicy": {"spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]}},
    "Role": {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
    "RoleBinding": {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
        "subjects": [{"kind": "User", "name": "u", "apiGroup": "rbac.authorization.k8s.io"}],
    },
    "StorageClass": {"provisioner": "example.com/p"},
    "PriorityClass": {"value": 5},
    "CustomResourceDefinition": {
        "spec": {
            "group": "fuzz.example.com", "scope": "Namespaced", "names": {"plural": "things", "kind": "Thing"},
            "versions": [{"name": "v1", "served": True, "storage": True,
                          "schema": {"openAPIV3Schema": {"type": "object", "properties": {"a": {"type": "string"}}}}}],
        }
    },
    "Scale": {"spec": {"replicas": 3}},
    "Eviction": {"deleteOptions": {"gracePeriodSeconds": 0}},
    "Binding": {"target": {"kind": "Node", "name": "n"}},
    "DeleteOptions": {"gracePeriodSeconds": 0, "propagationPolicy": "Background", "preconditions": {"uid": "x"}},
}  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a document."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def spoilt(chance: Random, document: Any) -> Any:
    """The document with one value that does not belong there, or one more."""
    result = copy.deepcopy(document)
    ways = list(places(result))
    if not ways:
        return copy.deepcopy(chance.choice(JUNK))
    *way, last = chance.choice(ways)
    inside = result
    for step in way:
        inside = inside[step]
    inside[last] = copy.deepcopy(chance.choice(JUNK))
    if isinstance(inside, dict) and chance.random() < 0.2:
        inside[chance.choice(("odd", "$patch", "$setElementOrder/containers", "$deleteFromPrimitiveList/args", ""))] = (
            copy.deepcopy(chance.choice(JUNK))
        )
    return result


def of_schema(chance: Random, schema: dict[str, Any], definitions: dict[str, Any], depth: int = 0) -> Any:
    """A value that a schema of our OpenAPI document describes; a few of its fields, a few levels deep."""
    if "$ref" in schema:
        return of_schema(chance, definitions.get(schema["$ref"].rpartition("/")[2], {}), definitions, depth)
    kind = schema.get("type", "object" if "properties" in schema else "")
    if kind == "object":
        fields = schema.get("properties", {})
        if not fields and "additionalProperties" in schema:
            return {key: of_schema(chance, schema["additionalProperties"], definitions, depth + 1) for key in "ab"}
        wanted = [name for name in fields if depth < 6 and chance.random() < (0.5 if depth < 2 else 0.25)]
        wanted = list(dict.fromkeys([*wanted, *schema.get("required", ())]))
        return {n: of_schema(chance, fields.get(n, {}), definitions, depth + 1) for n in wanted if depth < 9}
    if kind == "array":
        return [of_schema(chance, schema.get("items", {}), definitions, depth + 1) for _ in range(chance.randrange(3))]
    if kind == "integer":
        return chance.choice((0, 1, 5, 80, -1, 2**31 - 1, 2**63 - 1))
    if kind == "number":
        return chance.choice((0.5, 1, -3))
    if kind == "boolean":
        return chance.random() < 0.5
    if schema.get("format") == "date-time":
        return "2026-01-01T00:00:00Z"
    return chance.choice(("a", "b", "1", "10m", "1Gi", "Always", "TCP", "10.0.0.9", "80", "example.com/x", "YQ=="))


def encoded(chance: Random, document: Any) -> tuple[bytes, str]:
    """The document as a body, now and then as one that was damaged on its way; and its type."""
    form = chance.randrange(20)
    if form == 0:
        return yaml.safe_dump(_plain(document), allow_unicode=True).encode("utf-8", "replace"), "application/yaml"
    body = json.dumps(document, ensure_ascii=chance.random() < 0.8).encode("utf-8", "replace")
    if form == 1:
        cut = chance.randrange(len(body) + 1)
        return body[:cut], "application/json"
    if form == 2:
        at = chance.randrange(len(body) + 1)
        blot = chance.choice((b"\0", b"\xff\xfe", b"\xc3", b"}", b",", b"1e999", b"\\u0000"))
        return body[:at] + blot + body[at:], ""
    if form == 3 and body[:1] == b"{":
        return body[:-1] + b',"metadata":{"name":"a","name":"b"},"kind":"X","kind":"Y"}', "application/json"
    if form == 4:
        return b"k8s\0" + chance.randbytes(chance.randrange(80)), "application/vnd.kubernetes.protobuf"
    if form == 5:
        return monster(chance)
    types = ("application/json", "application/json", "application/json; charset=utf-8", "", "text/x")
    return body, chance.choice(types)


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value).replace("\\ud800", "?").replace("\\u0000", "?"))


def monster(chance: Random) -> tuple[bytes, str]:
    """Bodies that grow while they are read, or never end."""
    deep = chance.choice((100, 255, 1000, 5000, 100_000))
    laughs = b"a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"a%d: &a%d [%b]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
    )
    return chance.choice((
        (b"[" * deep + b"]" * deep, "application/json"),
        (b'{"a":' * deep + b"1" + b"}" * deep, "application/json"),
        (b'{"metadata":{"name":"deep"},"data":' + b'{"a":' * deep + b"1" + b"}" * deep + b"}", "application/json"),
        (b'{"spec":{"replicas":' + b"9" * deep + b"}}", "application/json"),
        (b'{"metadata":{"labels":{' + b",".join(b'"k%d":"v"' % n for n in range(3000)) + b"}}}", "application/json"),
        (laughs, "application/yaml"),
        (laughs + b"kind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\ndata: *a11\n", "application/yaml"),
        (b"a: &a [*a]\nkind: Pod\n", "application/yaml"),
        (b"&a {metadata: *a}", "application/yaml"),
        (b"metadata: !!python/object/apply:os.system [id]", "application/yaml"),
        (b"? [a, b]\n: 1\n", "application/yaml"),
        (b"? {a: 1}\n: 1\n", "application/yaml"),
        (b"a: 1\n---\nb: 2\n", "application/yaml"),
        (b"{" * deep, "application/yaml"),
        (b"- " * min(deep, 5000), "application/yaml"),
        (b"metadata: {name: 2026-01-01}\ndata: {a: 0x1F, b: .inf, c: .nan}", "application/yaml"),
        (b"data: {d: 1e400, e: 0o7, f: 12:30, g: 0o9, h: 99999999999999999999}", "application/yaml"),
        (b"\xef\xbb\xbf{}", "application/json"),
        (b"\0" * deep, "application/yaml"),
        (b'"\\ud800"', "application/json"),
        (b"k8s\0" + b"\x0a\xff\xff\xff\xff\x0f", "application/vnd.kubernetes.protobuf"),
        (b"k8s\0" + b"\x12" * deep, "application/vnd.kubernetes.protobuf"),
        (b"", "application/json"),
        (b"null", "application/json"),
    ))  # fmt: skip
