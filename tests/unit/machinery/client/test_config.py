import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from machinery.client.config import ClientConfig, ConfigError, load_kubeconfig, load_service_account

PEM = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"
DATA = base64.b64encode(PEM.encode()).decode()

FULL = f"""
apiVersion: v1
kind: Config
current-context: mini
clusters:
- name: mini
  cluster: {{server: "https://10.0.0.1:6443/", certificate-authority: pki/ca.crt, tls-server-name: api}}
- name: data
  cluster: {{server: "https://10.0.0.2:6443", certificate-authority: ignored, certificate-authority-data: {DATA}}}
users:
- name: admin
  user: {{client-certificate: admin.crt, client-key: /abs/admin.key}}
- name: data
  user: {{client-certificate-data: {DATA}, client-key-data: {DATA}}}
- name: token
  user: {{token: abc}}
contexts:
- name: mini
  context: {{cluster: mini, user: admin, namespace: dev}}
- name: data
  context: {{cluster: data, user: data}}
- name: token
  context: {{cluster: data, user: token}}
- name: broken
  context: {{cluster: nowhere, user: admin}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config"
    path.write_text(FULL)
    return path


def test_files_are_relative_to_the_kubeconfig(file: Path) -> None:
    assert load_kubeconfig(file) == ClientConfig(
        server="https://10.0.0.1:6443", ca_file=str(file.parent / "pki/ca.crt"), tls_server_name="api",
        cert_file=str(file.parent / "admin.crt"), key_file="/abs/admin.key", namespace="dev",
    )


def test_data_wins_over_files(file: Path) -> None:
    config = load_kubeconfig(file, context="data")
    assert config == ClientConfig(server="https://10.0.0.2:6443", ca_data=PEM, cert_data=PEM, key_data=PEM)


def test_json_is_read_without_a_yaml_parser(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(json.dumps(yaml.safe_load(FULL), indent=2))
    check = """
import sys
from machinery.client.config import load_kubeconfig
print(load_kubeconfig(sys.argv[1], "token").token, "yaml" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", check, str(tmp_path / "config")], capture_output=True, text=True)
    assert done.stdout == "abc False\n"


def test_token(file: Path) -> None:
    assert load_kubeconfig(file, context="token").token == "abc"


def test_kubeconfig_names_several_files_and_the_first_wins(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tmp_path / "first"
    first.write_text("""
current-context: other
clusters: [{name: mini, cluster: {server: "https://first"}}]
contexts: [{name: other, context: {cluster: mini, user: token}}]
users: null
""")
    monkeypatch.setenv("KUBECONFIG", f"{first}:{tmp_path}/absent:{file}")
    assert load_kubeconfig() == ClientConfig(server="https://first", token="abc")
    assert load_kubeconfig(context="mini").namespace == "dev"


def test_home(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".kube").mkdir()
    file.rename(tmp_path / ".kube" / "config")
    assert load_kubeconfig().namespace == "dev"


@pytest.mark.parametrize(("text", "why"), [
    ("clusters: {", "is not YAML"),
    ("[1, 2]", "is not a mapping"),
    ("{}", "no cluster is configured"),
    ("clusters: [{name: a, cluster: {server: s}}]", "no context is chosen"),
    ("clusters: [{name: a, cluster: {server: s}}]\ncurrent-context: x", 'context "x" does not exist'),
    ("clusters: [{name: a}]\ncurrent-context: x\ncontexts: [{name: x, context: {cluster: a}}]", "has no server"),
    ("clusters: [{name: a, cluster: {server: s, certificate-authority-data: '*'}}]\ncurrent-context: x\n"
     "contexts: [{name: x, context: {cluster: a}}]", "certificate-authority-data is not base64"),
])
def test_errors_say_what_is_wrong(file: Path, text: str, why: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError, match=why):
        load_kubeconfig(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read kubeconfig .*absent: No such file"):
        load_kubeconfig(tmp_path / "absent")


def test_a_context_without_its_cluster(file: Path) -> None:
    with pytest.raises(ConfigError, match='cluster "nowhere" does not exist'):
        load_kubeconfig(file, context="broken")


def test_service_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "namespace").write_text("team")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    assert load_service_account(tmp_path) == ClientConfig(
        server="https://[fd00::1]:443", ca_file=f"{tmp_path}/ca.crt", token_file=f"{tmp_path}/token", namespace="team")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST")
    with pytest.raises(ConfigError, match="not inside a pod"):
        load_service_account(tmp_path)
