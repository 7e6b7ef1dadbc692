"""Objects made from flags, held against what kubectl makes of the same flags."""

from __future__ import annotations

import pytest

from minictl.__main__ import main
from tests.support.kubectl import kubectl

SAME = [
    ["create", "namespace", "dev"],
    ["create", "deployment", "nginx", "--image=nginx"],
    ["create", "deployment", "web", "--image=registry.example/team/web:2", "--replicas=3", "--port=8080"],
    ["create", "configmap", "settings", "--from-literal=a=1", "--from-literal=b=x y"],
    ["create", "secret", "generic", "db", "--from-literal=password=s3cret"],
    ["create", "serviceaccount", "robot"],
    ["create", "service", "nodeport", "web", "--tcp=80:8080"],
    ["create", "service", "clusterip", "web", "--tcp=5678:8080"],
]


@pytest.mark.parametrize("words", SAME, ids=" ".join)
def test_the_object_is_kubectls(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    command = [*words, "--dry-run=client", "-o", "yaml"]
    assert main(command) == 0
    assert capsys.readouterr().out == kubectl(*command)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "hello-minikube"], 'required flag(s) "image" not set'),
        (["run", "--image=x"], "NAME is required"),
        (["create", "deployment", "web"], 'required flag(s) "image" not set'),
        (["create", "namespace"], "exactly one NAME is required"),
        (["create", "nonsense", "x"], 'unknown kind "nonsense"'),
        (["create", "configmap", "c", "--from-literal=a"], 'invalid literal source a'),
        (["describre", "pod", "x"], "Did you mean this?\n\tdescribe"),
        (["rollout", "status", "web"], "write minictl rollout status deployment/web"),
        (["apply", "-f", "/nowhere.yaml"], 'the path "/nowhere.yaml" does not exist'),
    ],
)
def test_mistakes_are_told_without_a_server(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(words)
    except SystemExit as stop:
        code = stop.code
    assert code == 1
    assert said in capsys.readouterr().err
