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
from apiserver.audit.policy import COMPLETE, PANIC, RECEIVED, STARTED, Policy
from apiserver.call import Call
from apiserver.request_info import parse
from apiserver.user import User
from machinery.api.errors import NotFound


def call(method: str = "PUT", path: str = "/api/v1/namespaces/d/pods/web/status", **headers: str) -> Call:
    given = {key.replace("_", "-"): value for key, value in headers.items()}
    request = make_mocked_request(method, path, headers=given)
    return Call(request, parse(method, path.partition("?")[0]), User("me", ("us",)), received=time.time())


async def test_a_line_says_who_did_what_to_which_object_and_why(tmp_path: Path) -> None:
    log = AuditLog(str(tmp_path / "audit.log"))
    made = call(Mini_Actor="kubelet", Mini_Woken_By="Pod/d/web@5", Kubectl_Command="kubectl get", User_Agent="x/1")
    log.tell(COMPLETE, made, web.Response(status=409))
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
        log.tell(COMPLETE, made, web.Response())
    log.close()
    assert len((tmp_path / "audit.log").read_text().splitlines()) < 10


async def test_bodies_are_written_where_the_policy_says_so(tmp_path: Path) -> None:
    policy = Policy({"rules": [{"level": "RequestResponse"}], "omitManagedFields": True})
    log, made = AuditLog(str(tmp_path / "audit.log"), policy), call(path="/api/v1/namespaces/d/pods/web?token=hidden")
    made.http.taken = b'{"kind":"Pod","metadata":{"managedFields":[]}}'
    answer = web.Response(body=b'{"kind":"Pod","spec":{}}', headers={"Content-Type": "application/json"})
    log.tell(COMPLETE, made, answer)
    log.close()
    line = json.loads((tmp_path / "audit.log").read_text())
    assert line["level"] == "RequestResponse" and line["requestURI"].endswith("?token=REDACTED")
    assert line["requestObject"] == {"kind": "Pod", "metadata": {}}
    assert line["responseObject"] == {"kind": "Pod", "spec": {}}


async def test_a_failure_says_why(tmp_path: Path) -> None:
    log, made = AuditLog(str(tmp_path / "audit.log")), call()
    made.failure = NotFound("pods", "web")
    log.tell(COMPLETE, made, web.Response(status=404))
    log.close()
    status = json.loads((tmp_path / "audit.log").read_text())["responseStatus"]
    assert status["reason"] == "NotFound" and status["message"] == 'pods "web" not found' and status["code"] == 404


async def test_no_path_no_log() -> None:
    log = AuditLog("")
    assert not log.enabled
    log.close()


def lines_of(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "audit.log").read_text().splitlines()]


async def test_an_update_names_the_object_that_it_was_meant_for(tmp_path: Path) -> None:
    log, made = AuditLog(str(tmp_path / "audit.log")), call()
    made.object_identity = ("u-1", "17")
    log.tell(COMPLETE, made, web.Response())
    made.object_identity = ("", "18")
    log.tell(COMPLETE, made, web.Response())
    log.tell(COMPLETE, call(path="/version"), web.Response())
    log.close()
    first, second, third = lines_of(tmp_path)
    assert (first["objectRef"]["uid"], first["objectRef"]["resourceVersion"]) == ("u-1", "17")
    assert second["objectRef"] == {"resource": "pods", "namespace": "d", "name": "web", "apiVersion": "v1",
                                   "subresource": "status", "resourceVersion": "18"}  # fmt: skip
    assert "objectRef" not in third


async def test_each_stage_says_what_is_known_by_then(tmp_path: Path) -> None:
    policy = Policy({"rules": [{"level": "RequestResponse"}]})
    log, made = AuditLog(str(tmp_path / "audit.log"), policy), call()
    made.http.taken, made.headers["Audit-ID"] = b"{}", 'given "one"'
    log.tell(RECEIVED, made, None)
    log.tell(STARTED, made, web.Response(status=200))
    log.tell(COMPLETE, made, None)
    made.panic = "KeyError: 'x'"
    log.tell(PANIC, made, web.Response(status=500))
    log.close()
    received, started, complete, panic = lines_of(tmp_path)
    assert {line["auditID"] for line in lines_of(tmp_path)} == {'given "one"'}
    assert received["stage"] == "RequestReceived" and "responseStatus" not in received
    assert received["requestReceivedTimestamp"] == received["stageTimestamp"] and "requestObject" not in received
    assert started["stage"] == "ResponseStarted" and started["responseStatus"]["code"] == 200
    assert complete["responseStatus"] == {
        "metadata": {}, "status": "Success", "message": "Connection closed early", "code": 200,
    }  # fmt: skip
    assert panic["stage"] == "Panic" and panic["responseStatus"]["code"] == 500
    assert panic["responseStatus"]["message"] == "APIServer panic'd: KeyError: 'x'"


async def test_stages_are_omitted_as_the_policy_says(tmp_path: Path) -> None:
    rules = [{"level": "Metadata", "verbs": ["get"], "omitStages": ["RequestReceived"]}, {"level": "Metadata"}]
    log = AuditLog(str(tmp_path / "audit.log"), Policy({"rules": rules, "omitStages": ["Panic"]}))
    for method in ("GET", "PUT"):
        for stage in (RECEIVED, COMPLETE, PANIC):
            log.tell(stage, call(method), web.Response())
    log.close()
    assert [(line["verb"], line["stage"]) for line in lines_of(tmp_path)] == [
        ("get", COMPLETE), ("update", RECEIVED), ("update", COMPLETE)]  # fmt: skip
    assert log.may_tell(RECEIVED) and not log.may_tell(PANIC)
    plain = AuditLog(str(tmp_path / "other.log"))
    assert not plain.may_tell(RECEIVED) and not plain.may_tell(STARTED) and plain.may_tell(COMPLETE)
    plain.close()
