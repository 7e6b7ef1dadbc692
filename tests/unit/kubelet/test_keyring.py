"""Which credentials fit which image."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from kubelet.keyring import logins_for
from kubelet.runtime.interface import RegistryLogin
from machinery.api.core.v1 import Secret


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def docker_config(auths: dict[str, Any]) -> Secret:
    return Secret(data={".dockerconfigjson": encoded(json.dumps({"auths": auths}))})


def users(image: str, *servers: str) -> list[str]:
    secret = docker_config({server: {"username": server, "password": "p"} for server in servers})
    return [login.username for login in logins_for(image, [secret])]


@pytest.mark.parametrize(("server", "image", "fits"), [
    ("quay.io", "quay.io/a/b:1", True), ("https://quay.io/v1/", "quay.io/a:1", True), ("quay.io", "x.quay.io/a", False),
    ("*.quay.io", "x.quay.io/a", True), ("quay.io/team", "quay.io/team/a", True), ("quay.io/team", "quay.io/b", False),
    ("host:5000", "host:5000/a", True), ("host", "host:5000/a", False), ("host:5000", "host:5001/a", False),
    ("https://index.docker.io/v1/", "nginx:1", True), ("docker.io", "library/nginx", True), ("docker.io", "x.io/a", 0),
])
def test_places(server: str, image: str, fits: bool) -> None:
    assert users(image, server) == ([server] if fits else [])


def test_the_longest_name_comes_first_and_all_are_tried() -> None:
    assert users("quay.io/team/a", "quay.io", "other.io", "quay.io/team") == ["quay.io/team", "quay.io"]


def test_both_forms_of_secrets() -> None:
    old = Secret(data={".dockercfg": encoded(json.dumps({"quay.io": {"auth": encoded("me:pa:ss")}}))})
    assert logins_for("quay.io/a", [old]) == [RegistryLogin("me", "pa:ss")]
    assert logins_for("quay.io/a", [docker_config({"quay.io": {"auth": encoded("me:pa:ss")}})]) == [
        RegistryLogin("me", "pa:ss")]


@pytest.mark.parametrize("secret", [
    Secret(), Secret(data={".dockerconfigjson": encoded("{")}), docker_config({"quay.io": {"auth": "?"}}),
])
def test_secrets_that_say_nothing(secret: Secret) -> None:
    assert logins_for("quay.io/a", [secret]) == []
