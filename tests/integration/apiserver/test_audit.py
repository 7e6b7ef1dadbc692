"""What a real server writes of real requests, by a policy."""

from __future__ import annotations

import json
from pathlib import Path

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
        await until(lambda: '"missing"' in server.audit_log.read_text(), 60)
        lines = [json.loads(line) for line in server.audit_log.read_text().splitlines()]
    assert {(line["objectRef"]["resource"], line["level"]) for line in lines} == {
        ("configmaps", "RequestResponse"), ("secrets", "Metadata")}  # fmt: skip
    made = next(line for line in lines if line["level"] == "RequestResponse")
    assert made["requestObject"]["data"] == made["responseObject"]["data"] == {"x": "shown"}
    assert made["responseObject"]["metadata"]["uid"]
    assert "hidden" not in json.dumps(lines) and "aGlkZGVu" not in json.dumps(lines)
    assert lines[-1]["responseStatus"]["message"] == 'secrets "missing" not found'


async def test_a_mistake_refuses_the_start(tmp_path: Path) -> None:
    server = ApiServer(tmp_path, write(tmp_path / "policy.yaml", [{"level": "All"}]))
    server.spawn()
    await until(lambda: server.process.poll() is not None, 60)
    assert 'rules[0].level: Unsupported value: "All"' in server.log.read_text()
