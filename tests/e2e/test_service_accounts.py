"""A pod's own identity: it finds a token, the authority and its namespace as files, and the API knows it by them."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from pathlib import Path

from tests.support.cluster import eventually
from tests.support.lab import Lab, web_manifest

FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
WHOAMI = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


def test_a_pod_calls_the_api_with_its_token_until_it_is_deleted(lab: Lab, tmp_path: Path) -> None:
    lab.kubectl("apply", "-f", "-", stdin=web_manifest("web", replicas=1))
    (pod,) = lab.wait_ready("app=web", 1)
    name = pod["metadata"]["name"]
    (volume,) = pod["spec"]["volumes"]
    assert volume["name"].startswith("kube-api-access-") and pod["spec"]["serviceAccountName"] == "default"
    files = lab.kubectl("exec", name, "--", "sh", "-c", f"cd {FOLDER} && cat namespace && echo && cat token").split()
    assert files[0] == lab.namespace
    authority = lab.kubectl("exec", name, "--", "cat", f"{FOLDER}/ca.crt")
    (tmp_path / "ca.crt").write_text(authority)
    server = f"{lab.cluster.cluster.server}{WHOAMI}"

    def whoami() -> dict[str, object]:
        context = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
        headers = {"Authorization": f"Bearer {files[1]}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(server, b"{}", headers), context=context) as answer:
            return json.load(answer)["status"]["userInfo"]

    user = whoami()
    assert user["username"] == f"system:serviceaccount:{lab.namespace}:default"
    assert user["extra"]["authentication.kubernetes.io/pod-name"] == [name]
    assert user["extra"]["authentication.kubernetes.io/node-name"] == [pod["spec"]["nodeName"]]
    lab.kubectl("delete", "pod", name, "--grace-period=0", "--force")

    def refused() -> bool:
        try:
            whoami()
        except urllib.error.HTTPError as error:
            return error.code == 401
        return False

    eventually(refused)
