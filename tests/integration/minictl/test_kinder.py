"""Where minictl says more than kubectl: mistakes that learners make, and what to write instead."""

from __future__ import annotations

import pytest

from tests.integration.minictl.sidebyside import SideBySide


@pytest.mark.parametrize(("words", "help"), [
    ("run hello-minikube", "such as: minictl run hello-minikube --image=nginx"),
    ("run", "NAME is required for run"),
    ("create deployment web", "write --image=IMAGE"),
    ("create nothing x", 'unknown kind "nothing" to create by flags; known: cm, configmap'),
    ("create deployment a --image=x --replicas=two", "it must be a whole number"),
    ("describre pod x", "describe"),
    ("gett pods", "get"),
    ("rollout status web", "write minictl rollout status deployment/web"),
    ("rollout nonsense deploy/web", 'unknown command "nonsense"; known: status, history'),
    ("rollout restart svc/kubernetes", "only deployments have one"),
    ("scale pod/x --replicas=1", "cannot scale pods: it has no replicas"),
    ("scale deployment nope --replicas=1", 'deployments.apps "nope" not found'),
    ("set image deploy/web", "write CONTAINER=IMAGE"),
    ("get pods -o bad", "custom-columns,json,jsonpath,name,wide,yaml"),
    ("get pods --context=nope", 'context "nope" does not exist in the kubeconfig'),
    ("get", "minictl api-resources"),
])  # fmt: skip
def test_says_what_to_write(side: SideBySide, words: str, help: str) -> None:
    ours = side.minictl(*words.split())
    assert help in ours.err
    assert ours.code == 1
    assert side.kubectl(*words.split()).code == 1


@pytest.mark.parametrize(("text", "help"), [
    ("apiVersion: apps/v1beta2\nkind: Deployment\nmetadata: {name: x}\n", "write `apiVersion: apps/v1`"),
    ("apiVersion: v1\nkind: Secret\nmetadata: {name: x}\npassword: c2VjcmV0\n", "password"),
    ("apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {type: « clusterIP »}\n", "typographic quotes"),
    ("metadata: {name: x}\npassword: x\n", "Found 'password' at the root: check the indentation"),
])  # fmt: skip
def test_says_what_is_wrong_with_a_manifest(side: SideBySide, text: str, help: str) -> None:
    ours = side.minictl("apply", "-f", "-", stdin=text)
    assert (help in ours.err, ours.code) == (True, 1), ours.text
