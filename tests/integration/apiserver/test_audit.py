"""What a real server writes of real requests, by a policy."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import yaml

from tests.support.apiserver import ApiServer
from tests.support.kubectl import kubectl, newest
from tests.support.waiting import until

MAPS = [{"group": "", "resources": ["configmaps"]}]
RULES = [{"level": "RequestResponse", "resources": MAPS, "verbs": ["create"], "users": ["kubernetes-admin"]},
         {"level": "Metadata", "resources": [{"group": "", "resources": ["secrets"]}]}]  # fmt: skip


def write(file: Path, rules: list) -> str:
    file.write_text(yaml.safe_dump({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": rules}))
    return f"--audit-policy-file={file}"


async def test_as_much_as_the_policy_says(tmp_path: Path) -> None:
    async with ApiServer(tmp_path, write(tmp_path / "policy.yaml", RULES)) as server:
        for what in ("configmap a --from-literal=x=shown", "secret generic b --from-literal=x=hidden"):
            kubectl("create", *what.split(), kubeconfig=server.kubeconfig)
        kubectl("get", "secret", "missing", binary=newest(), kubeconfig=server.kubeconfig, check=False)
        await until(lambda: '"missing\\" not found' in server.audit_log.read_text(), 60)
        lines = [json.loads(line) for line in server.audit_log.read_text().splitlines()]
        lines = [line for line in lines if line["stage"] == "ResponseComplete"]
    assert {(line["objectRef"]["resource"], line["level"]) for line in lines} == {
        ("configmaps", "RequestResponse"), ("secrets", "Metadata")}  # fmt: skip
    made = next(line for line in lines if line["level"] == "RequestResponse")
    assert made["requestObject"]["data"] == made["responseObject"]["data"] == {"x": "shown"}
    assert made["responseObject"]["metadata"]["uid"]
    assert "hidden" not in json.dumps(lines) and "aGlkZGVu" not in json.dumps(lines)
    assert lines[-1]["responseStatus"]["message"] == 'secrets "missing" not found'


async def test_every_stage_of_a_watch_and_who_asked_for_whom(tmp_path: Path) -> None:
    rules = [{"level": "Metadata", "resources": MAPS}]
    async with ApiServer(tmp_path, write(tmp_path / "policy.yaml", rules)) as server:
        place = f"{server.url}/api/v1/namespaces/default/configmaps"
        connector = aiohttp.TCPConnector(ssl=server.context())
        async with aiohttp.ClientSession(connector=connector) as session:
            headers = {"Audit-ID": "watch", "X-Forwarded-For": "1.2.3.4"}
            async with session.get(f"{place}?watch=true&timeoutSeconds=1", headers=headers) as answer:
                assert answer.headers["Audit-ID"] == "watch"
                await answer.read()
            headers = {"Audit-ID": "as", "Impersonate-User": "jane"}
            assert (await session.get(place, headers=headers)).status == 403
            made = await (await session.post(place, json={"metadata": {"name": "a"}})).json()
            put = await session.put(f"{place}/a", json=made, headers={"Audit-ID": "put"})
            assert put.status == 200
        await until(lambda: server.audit_log.read_text().count('"put"') == 2, 60)
        lines = [json.loads(line) for line in server.audit_log.read_text().splitlines()]
    watch, refused, update = ([line for line in lines if line["auditID"] == each] for each in ("watch", "as", "put"))
    assert [line["stage"] for line in watch] == ["RequestReceived", "ResponseStarted", "ResponseComplete"]
    assert {tuple(line["sourceIPs"]) for line in watch} == {("1.2.3.4", "127.0.0.1")}
    assert "impersonatedUser" not in refused[0] and refused[1]["impersonatedUser"]["username"] == "jane"
    assert refused[1]["user"]["username"] == "kubernetes-admin"
    assert refused[1]["responseStatus"]["reason"] == "Forbidden"
    assert refused[1]["annotations"]["authorization.k8s.io/decision"] == "forbid"
    sent = made["metadata"]
    assert update[1]["objectRef"]["uid"] == sent["uid"]
    assert update[1]["objectRef"]["resourceVersion"] == sent["resourceVersion"]


async def test_a_mistake_refuses_the_start(tmp_path: Path) -> None:
    server = ApiServer(tmp_path, write(tmp_path / "policy.yaml", [{"level": "All"}]))
    server.spawn()
    await until(lambda: server.process.poll() is not None, 60)
    assert 'rules[0].level: Unsupported value: "All"' in server.log.read_text()
