"""Which rule of a policy fits which request, and which files are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from apiserver.audit.policy import EVERYTHING, LEVELS, Level, Mistaken, Policy, read
from apiserver.request_info import parse
from apiserver.user import User

POD, SECRET = "/api/v1/namespaces/d/pods/web", "/api/v1/namespaces/d/secrets/s"


def core(*resources: str, **more: list[str]) -> dict:
    return {"resources": [{"group": "", "resources": [*resources], **more}]}


@pytest.mark.parametrize(("rule", "path", "fits"), [
    ({}, POD, True),
    ({}, "/healthz", True),
    ({"users": ["me"]}, POD, True),
    ({"users": ["you"]}, POD, False),
    ({"userGroups": ["us", "them"]}, POD, True),
    ({"userGroups": ["them"]}, POD, False),
    ({"verbs": ["get"]}, POD, True),
    ({"verbs": ["delete"]}, POD, False),
    ({"namespaces": ["d"]}, POD, True),
    ({"namespaces": ["e"]}, POD, False),
    ({"namespaces": [""]}, "/api/v1/nodes/n", True),
    ({"namespaces": [""]}, "/healthz", False),
    (core("pods"), POD, True),
    (core("pods"), POD + "/log", False),
    (core("pods/log"), POD + "/log", True),
    (core("pods/*"), POD + "/log", True),
    (core("*/log"), POD + "/log", True),
    (core("*"), POD + "/log", True),
    (core(), SECRET, True),
    (core("pods", resourceNames=["web"]), POD, True),
    (core("pods", resourceNames=["other"]), POD, False),
    ({"resources": [{"group": "apps"}]}, POD, False),
    ({"nonResourceURLs": ["/healthz*"]}, "/healthz/etcd", True),
    ({"nonResourceURLs": ["/healthz"]}, "/healthz/etcd", False),
    ({"nonResourceURLs": ["*"]}, "/version", True),
    ({"nonResourceURLs": ["*"]}, POD, False),
])  # fmt: skip
def test_a_rule_fits(rule: dict, path: str, fits: bool) -> None:
    policy = Policy({"rules": [{"level": "Request", **rule}]})
    level = policy.verdict(User("me", ("us",)), parse("GET", path)).level
    assert level is (Level.REQUEST if fits else Level.NONE)


def test_the_first_rule_decides_and_stages_add_up() -> None:
    policy = Policy({"omitStages": ["RequestReceived"], "rules": [
        {"level": "None", **core("pods")}, {"level": "Metadata", "omitStages": ["Panic"]}]})  # fmt: skip
    assert policy.verdict(User("me"), parse("GET", POD)).level is Level.NONE
    assert policy.verdict(User("me"), parse("GET", SECRET)).omitted == {"RequestReceived", "Panic"}


def test_without_a_file_no_body_is_written() -> None:
    assert EVERYTHING.verdict(User("me"), parse("PUT", SECRET)).level is LEVELS["Metadata"]


@pytest.mark.parametrize(("rules", "why"), [
    ([], "rules: Required value"),
    ([{}], "rules[0].level: Required value"),
    ([{"level": "Metadata"}, {"level": "All"}], 'rules[1].level: Unsupported value: "All"'),
    ([{"level": "None", "nonResourceURLs": ["healthz"]}], "rules[0].nonResourceURLs[0]: Invalid value"),
    ([{"level": "None", "nonResourceURLs": ["/a*b"]}], "must be the final character"),
    ([{"level": "None", "omitStages": ["Never"]}], "rules[0].omitStages[0]: Invalid value"),
    ([{"level": "None", "resources": [{"resourceNames": ["a"]}]}], "rules[0].resources[0].resourceNames: Invalid"),
    ([{"level": "None", "namespaces": ["a"], "nonResourceURLs": ["/a"]}], "cannot apply to both"),
    ([{"level": "None", "users": "me"}], "rules[0].users: Invalid value"),
])  # fmt: skip
def test_a_mistake_is_named_by_its_place(tmp_path: Path, rules: list, why: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(yaml.safe_dump({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": rules}))
    with pytest.raises(Mistaken) as caught:
        read(str(file))
    assert why in str(caught.value)
