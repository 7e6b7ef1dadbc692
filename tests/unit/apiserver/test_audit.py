"""The audit log's lines, and the file that does not grow for ever."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from apiserver import audit
from apiserver.audit import AuditLog
from apiserver.call import Call
from apiserver.request_info import parse
from apiserver.user import User


def call(method: str = "PUT", path: str = "/api/v1/namespaces/d/pods/web/status", **headers: str) -> Call:
    given = {key.replace("_", "-"): value for key, value in headers.items()}
    request = make_mocked_request(method, path, headers=given)
    return Call(request, parse(method, path), User("me", ("us",)))


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


def test_each_request_has_an_id_of_its_own_that_is_a_random_uuid() -> None:
    made = [audit.audit_id() for _ in range(200)]
    assert len(set(made)) == len(made)
    for text in made:
        parsed = uuid.UUID(text)
        assert str(parsed) == text and parsed.version == 4 and parsed.variant == uuid.RFC_4122


@pytest.mark.parametrize("moment", [0.0, 1.5, 1790000000.0, 1790000000.000001, 1790000000.9999998])
def test_a_moment_has_six_decimals(moment: float) -> None:
    text = audit.micro_time(moment)
    assert len(text) == len("2026-01-02T03:04:05.000006Z") and text.endswith("Z")
    assert abs(datetime.fromisoformat(text).timestamp() - datetime.fromtimestamp(moment, UTC).timestamp()) < 2e-6


async def test_a_full_file_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MAX_BYTES", 100)
    log = AuditLog(str(tmp_path / "audit.log"))
    for _ in range(3):
        made = call()
        log.end(log.begin(), made, web.Response())
        log.flush()
    log.close()
    assert (tmp_path / "audit.log").read_text() == ""
    assert len((tmp_path / "audit.log.1").read_text().splitlines()) == 1


async def test_no_path_no_log() -> None:
    log = AuditLog("")
    assert not log.enabled
    log.close()
