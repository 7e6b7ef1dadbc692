"""The audit log's lines, and the file that does not grow for ever."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from apiserver.audit import log as log_module
from apiserver.audit.log import AuditLog, RotatedFile, Rotation
from apiserver.audit.policy import Policy
from apiserver.call import Call
from apiserver.request_info import parse
from apiserver.user import User
from machinery.api.errors import NotFound


def call(method: str = "PUT", path: str = "/api/v1/namespaces/d/pods/web/status", **headers: str) -> Call:
    given = {key.replace("_", "-"): value for key, value in headers.items()}
    request = make_mocked_request(method, path, headers=given)
    return Call(request, parse(method, path.partition("?")[0]), User("me", ("us",)))


async def test_a_line_says_who_did_what_to_which_object_and_why(tmp_path: Path) -> None:
    log = AuditLog(str(tmp_path / "audit.log"))
    made = call(Mini_Actor="kubelet", Mini_Woken_By="Pod/d/web@5", Kubectl_Command="kubectl get", User_Agent="x/1")
    log.end(log.begin(), made, web.Response(status=409))
    log.close()
    line = json.loads((tmp_path / "audit.log").read_text())
    assert line["apiVersion"] == "audit.k8s.io/v1" and line["verb"] == "update" and line["userAgent"] == "x/1"
    assert line["user"] == {"username": "me", "groups": ["us"]} and line["responseStatus"]["code"] == 409
    assert line["objectRef"] == {
        "resource": "pods", "namespace": "d", "name": "web", "apiVersion": "v1", "subresource": "status",
    }  # fmt: skip
    assert line["annotations"] == {
        "mini.io/actor": "kubelet", "mini.io/woken-by": "Pod/d/web@5", "mini.io/kubectl-command": "kubectl get",
    }  # fmt: skip
    assert line["requestReceivedTimestamp"] <= line["stageTimestamp"] and line["stageTimestamp"].endswith("Z")


def test_a_full_file_makes_room_and_old_ones_go(tmp_path: Path) -> None:
    file = RotatedFile(tmp_path / "audit.log", Rotation(max_megabytes=0.0001, max_backups=2))
    for number in range(4):
        file.write([b"%d" % number * 200])
        time.sleep(0.002)
    assert (tmp_path / "audit.log").read_bytes() == b""
    assert sorted(old.read_bytes()[:1] for old in tmp_path.glob("audit-*.log")) == [b"2", b"3"]


async def test_what_does_not_fit_is_dropped_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "MAX_WAITING", 1000)
    log, made = AuditLog(str(tmp_path / "audit.log")), call()
    for _ in range(10):
        log.end(log.begin(), made, web.Response())
    log.close()
    assert len((tmp_path / "audit.log").read_text().splitlines()) < 10


async def test_bodies_are_written_where_the_policy_says_so(tmp_path: Path) -> None:
    policy = Policy({"rules": [{"level": "RequestResponse"}], "omitManagedFields": True})
    log, made = AuditLog(str(tmp_path / "audit.log"), policy), call(path="/api/v1/namespaces/d/pods/web?token=hidden")
    made.http.taken = b'{"kind":"Pod","metadata":{"managedFields":[]}}'
    answer = web.Response(body=b'{"kind":"Pod","spec":{}}', headers={"Content-Type": "application/json"})
    log.end(log.begin(), made, answer)
    log.close()
    line = json.loads((tmp_path / "audit.log").read_text())
    assert line["level"] == "RequestResponse" and line["requestURI"].endswith("?token=REDACTED")
    assert line["requestObject"] == {"kind": "Pod", "metadata": {}}
    assert line["responseObject"] == {"kind": "Pod", "spec": {}}


async def test_a_failure_says_why(tmp_path: Path) -> None:
    log, made = AuditLog(str(tmp_path / "audit.log")), call()
    made.failure = NotFound("pods", "web")
    log.end(log.begin(), made, web.Response(status=404))
    log.close()
    status = json.loads((tmp_path / "audit.log").read_text())["responseStatus"]
    assert status["reason"] == "NotFound" and status["message"] == 'pods "web" not found' and status["code"] == 404


async def test_no_path_no_log() -> None:
    log = AuditLog("")
    assert not log.enabled
    log.close()
