"""Every way to say who one is, on a real server, with real certificates, tokens and clients."""

from __future__ import annotations

import base64
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest

from tests.integration.apiserver.conftest import Answer, Api, pod
from tests.support.apiserver import ISSUER, ApiServer
from tests.support.controlplane import one_server
from tests.support.kubectl import kubectl, newest
from tests.support.pki import Authority, Pair
from tests.support.waiting import until

WHOAMI = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"
PROTOCOL = "base64url.bearer.authorization.k8s.io."


@dataclass
class Door:
    """The server, and the authority of the proxies that it believes."""

    server: ApiServer
    proxies: Authority


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder, front = tmp_path_factory.mktemp("door"), tmp_path_factory.mktemp("front")
    (folder / "tokens.csv").write_text('fixed-token,jane,7,"devs,ops"\n')
    proxies = Authority(front)
    flags = (
        f"--token-auth-file={folder / 'tokens.csv'}", "--enable-bootstrap-token-auth",
        f"--requestheader-client-ca-file={proxies.ca.cert}", "--requestheader-allowed-names=front-proxy-client",
        "--service-account-max-token-expiration=2h",
    )  # fmt: skip
    with one_server(folder, *flags, accounts=True) as server:
        yield Door(server, proxies)


@pytest.fixture
def server(door: Door) -> ApiServer:
    return door.server


@asynccontextmanager
async def caller(server: ApiServer, pair: Pair | None = None, token: str = "") -> AsyncIterator[Api]:
    """A client with this certificate, this token, or neither."""
    context = ssl.create_default_context(cafile=str(server.authority.ca.cert))
    if pair:
        context.load_cert_chain(pair.cert, pair.key)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        yield Api(session, server.url)


async def whoami(api: Api, **headers: str) -> Any:
    answer = await api.post(WHOAMI, {}, **headers)
    return answer.body["status"]["userInfo"] if answer.status == 201 else (answer.status, answer.message)


UNAUTHORIZED = (401, "Unauthorized")
NOBODY = 'User "system:anonymous" cannot'
"""Who shows nothing is heard, and may nothing."""


async def account(api: Api, namespace: str, name: str = "default") -> str:
    made = await api.post(f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": name}})
    assert made.status == 201, made.body
    return made.body["metadata"]["uid"]


async def request_token(api: Api, namespace: str, **spec: Any) -> Answer:
    return await api.post(f"/api/v1/namespaces/{namespace}/serviceaccounts/default/token", {"spec": spec})


def bound_to(kind: str, name: str, uid: str = "") -> dict[str, str]:
    return {"apiVersion": "v1", "kind": kind, "name": name, **({"uid": uid} if uid else {})}


async def test_what_a_token_says(api: Api, namespace: str) -> None:
    uid = await account(api, namespace)
    answer = await request_token(api, namespace, audiences=["vault"], expirationSeconds=700)
    assert answer.status == 201 and answer.body["metadata"]["name"] == "default"
    token = answer.body["status"]["token"]
    assert jwt.get_unverified_header(token).keys() == {"alg", "kid"}
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 700 and claims["nbf"] == claims["iat"] and len(claims["jti"]) == 36
    assert (claims["iss"], claims["aud"]) == (ISSUER, ["vault"])
    assert claims["sub"] == f"system:serviceaccount:{namespace}:default"
    assert claims["kubernetes.io"] == {"namespace": namespace, "serviceaccount": {"name": "default", "uid": uid}}


@pytest.mark.parametrize(
    ("spec", "status", "message"),
    [
        ({"expirationSeconds": 599}, 422, "spec.expirationSeconds: Invalid value: 599: may not specify a duration"),
        ({"expirationSeconds": 2**32 + 1}, 422, "may not specify a duration larger than 2^32 seconds"),
        ({"boundObjectRef": bound_to("Pod", "none")}, 404, 'pods "none" not found'),
        ({"boundObjectRef": bound_to("Secret", "none")}, 404, 'secrets "none" not found'),
        ({"boundObjectRef": bound_to("Node", "none")}, 404, 'nodes "none" not found'),
        ({"boundObjectRef": bound_to("ConfigMap", "none")}, 400, "cannot bind token to object of type /v1, Kind=Confi"),
    ],
)  # fmt: skip
async def test_what_is_refused(api: Api, namespace: str, spec: Any, status: int, message: str) -> None:
    await account(api, namespace)
    answer = await request_token(api, namespace, **spec)
    assert answer.status == status and message in answer.message
    nobody = await api.post(f"/api/v1/namespaces/{namespace}/serviceaccounts/nobody/token", {})
    assert nobody.status == 404 and nobody.message == 'serviceaccounts "nobody" not found'


async def test_a_long_wish_is_shortened_with_a_warning(api: Api, namespace: str) -> None:
    await account(api, namespace)
    answer = await request_token(api, namespace, expirationSeconds=90000)
    assert "requested expiration of 90000 seconds shortened to 7200 seconds" in answer.headers["Warning"]
    assert answer.body["spec"]["expirationSeconds"] == 7200


async def test_a_pods_token_lives_as_long_as_the_pod(api: Api, namespace: str, server: ApiServer) -> None:
    await account(api, namespace)
    pods = f"/api/v1/namespaces/{namespace}/pods"
    made = (await api.post(pods, pod())).body
    assert made["spec"]["serviceAccountName"] == "default"
    assert made["spec"]["volumes"][0]["name"].startswith("kube-api-access-")
    uid = made["metadata"]["uid"]
    wrong = await request_token(api, namespace, boundObjectRef=bound_to("Pod", "web", "other"))
    assert wrong.status == 409 and "the UID in the bound object reference (other) does not match" in wrong.message
    answer = await request_token(api, namespace, expirationSeconds=3607, boundObjectRef=bound_to("Pod", "web", uid))
    token = answer.body["status"]["token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["kubernetes.io"]["warnafter"] - claims["iat"] == 3607
    assert claims["exp"] - claims["iat"] == 365 * 24 * 3600
    async with caller(server, token=token) as me:
        user = await whoami(me)
        assert user["username"] == f"system:serviceaccount:{namespace}:default"
        assert user["extra"]["authentication.kubernetes.io/pod-uid"] == [uid]
        await api.delete(f"{pods}/web", {"gracePeriodSeconds": 0})
        assert await whoami(me) == UNAUTHORIZED


async def test_a_token_ends_with_its_account_even_if_that_is_made_again(
        api: Api, namespace: str, server: ApiServer) -> None:
    await account(api, namespace)
    token = (await request_token(api, namespace)).body["status"]["token"]
    async with caller(server, token=token) as me:
        assert (await whoami(me))["username"].endswith(":default")
        await api.delete(f"/api/v1/namespaces/{namespace}/serviceaccounts/default")
        assert await whoami(me) == UNAUTHORIZED
        await account(api, namespace)
        assert await whoami(me) == UNAUTHORIZED


async def test_token_reviews(api: Api, namespace: str) -> None:
    await account(api, namespace)
    token = (await request_token(api, namespace, audiences=["vault", "bank"])).body["status"]["token"]
    good = (await api.post(REVIEWS, {"spec": {"token": token, "audiences": ["vault", "shop"]}})).body["status"]
    assert good["authenticated"] and good["audiences"] == ["vault"]
    assert good["user"]["username"] == f"system:serviceaccount:{namespace}:default"
    bad = (await api.post(REVIEWS, {"spec": {"token": token}})).body["status"]
    assert "is invalid for the target audiences" in bad["error"] and "authenticated" not in bad
    assert (await api.post(REVIEWS, {"spec": {"token": "x"}})).body["status"]["error"] == "invalid bearer token"
    none = await api.post(REVIEWS, {"spec": {}})
    assert (none.status, none.message) == (400, "token is required for TokenReview in authentication")


async def test_static_and_bootstrap_tokens(api: Api, server: ApiServer) -> None:
    async with caller(server, token="fixed-token") as jane:
        user = await whoami(jane)
        assert user == {"username": "jane", "uid": "7", "groups": ["devs", "ops", "system:authenticated"]}
    data = {"token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true"}
    secrets = "/api/v1/namespaces/kube-system/secrets"
    async with caller(server, token="abcdef.0123456789abcdef") as joiner:
        assert await whoami(joiner) == UNAUTHORIZED
        secret = {"metadata": {"name": "bootstrap-token-abcdef"}, "type": "bootstrap.kubernetes.io/token",
                  "stringData": data}  # fmt: skip
        assert (await api.post(secrets, secret)).status == 201
        user = await whoami(joiner)
        assert user == {"username": "system:bootstrap:abcdef",
                        "groups": ["system:bootstrappers", "system:authenticated"]}  # fmt: skip
        await api.delete(f"{secrets}/bootstrap-token-abcdef")
        assert await whoami(joiner) == UNAUTHORIZED


async def test_certificates_of_others_and_of_other_times_are_an_ordinary_401(
        server: ApiServer, tmp_path: Path) -> None:
    stranger = Authority(tmp_path).issue("kubernetes-admin", organization="system:masters")
    async with caller(server, stranger) as api:
        assert await whoami(api) == UNAUTHORIZED
        assert (await api.get("/healthz")).status == 401, "a bad credential is worse than none"
    expired = server.authority.issue("old-admin", organization="system:masters", hours=-1)
    async with caller(server, expired) as api:
        assert await whoami(api) == UNAUTHORIZED
    log = server.log.read_text()
    assert "unknown authority" in log and "expired or is not yet valid" in log


async def test_a_proxy_says_for_whom_it_asks(door: Door) -> None:
    server, headers = door.server, {"X_Remote_User": "jane", "X_Remote_Group": "devs", "X_Remote_Extra_Team": "red"}
    async with caller(server, door.proxies.issue("front-proxy-client")) as proxy:
        user = await whoami(proxy, **headers)
        assert user == {"username": "jane", "groups": ["devs", "system:authenticated"], "extra": {"team": ["red"]}}
        assert await whoami(proxy) == UNAUTHORIZED, "a proxy's certificate is nobody's own"
    async with caller(server, door.proxies.issue("somebody")) as other:
        assert await whoami(other, **headers) == UNAUTHORIZED
    async with caller(server, server.admin) as admin:
        assert (await whoami(admin, **headers))["username"] == "kubernetes-admin"
    async with caller(server) as nobody:
        code, message = await whoami(nobody, **headers)
        assert code == 403 and f"{NOBODY} create resource" in message


async def test_extension_servers_learn_whom_to_believe(api: Api, door: Door) -> None:
    path = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication"
    data = (await api.get(path)).body["data"]
    assert data["requestheader-client-ca-file"] == door.proxies.ca.cert.read_text()
    assert data["client-ca-file"] == door.server.authority.ca.cert.read_text()
    assert data["requestheader-allowed-names"] == '["front-proxy-client"]'


async def test_a_websocket_brings_its_token_as_a_sub_protocol(server: ApiServer) -> None:
    encoded = base64.urlsafe_b64encode(b"fixed-token").rstrip(b"=").decode()
    async with caller(server) as browser:
        user = await whoami(browser, Sec_WebSocket_Protocol=f"{PROTOCOL}{encoded}, v5.channel.k8s.io")
        assert user["username"] == "jane"
        assert await whoami(browser, Sec_WebSocket_Protocol=f"{PROTOCOL}eHg, x") == UNAUTHORIZED


async def test_impersonation_is_written_down(server: ApiServer) -> None:
    async with caller(server, server.admin) as admin:
        user = await whoami(admin, Impersonate_User="joe", Impersonate_Group="ops", Impersonate_Uid="9",
                            Impersonate_Extra_Team="red")  # fmt: skip
        assert user == {"username": "joe", "uid": "9", "groups": ["ops", "system:authenticated"],
                        "extra": {"team": ["red"]}}  # fmt: skip
    async with caller(server) as nobody:
        code, message = await whoami(nobody, Impersonate_User="joe")
        assert code == 403 and message.startswith(f'users "joe" is forbidden: {NOBODY} impersonate resource "users"')
    await until(lambda: '"impersonatedUser":{"username":"joe"' in server.audit_log.read_text())
    line = next(line for line in server.audit_log.read_text().splitlines() if "impersonatedUser" in line)
    assert '"username":"kubernetes-admin"' in line


async def test_no_token_is_ever_written_down(api: Api, namespace: str, server: ApiServer) -> None:
    await account(api, namespace)
    token = (await request_token(api, namespace)).body["status"]["token"]
    async with caller(server, token=token) as me, caller(server, token=token[:-4] + "AAAA") as bad:
        await whoami(me)
        await whoami(bad)
    await api.post(REVIEWS, {"spec": {"token": token}})
    await until(lambda: "issued-credential-id" in server.audit_log.read_text())
    for text in (server.audit_log.read_text(), server.log.read_text()):
        assert token.split(".")[2][:20] not in text and "fixed-token" not in text


async def test_anybody_who_knows_us_can_check_our_tokens(api: Api, namespace: str) -> None:
    await account(api, namespace)
    token = (await request_token(api, namespace, audiences=["vault"])).body["status"]["token"]
    discovery = (await api.get("/.well-known/openid-configuration")).body
    assert discovery["issuer"] == ISSUER and discovery["jwks_uri"].endswith("/openid/v1/jwks")
    answer = await api.session.get(api.url + "/openid/v1/jwks")
    assert answer.content_type == "application/jwk-set+json"
    keys = jwt.PyJWKSet.from_dict(await answer.json(content_type=None))
    key = keys[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key, audience="vault", issuer=ISSUER)["sub"].endswith(":default")


def test_kubectl(server: ApiServer) -> None:
    def run(*words: str, check: bool = True) -> str:
        return kubectl(*words, kubeconfig=server.kubeconfig, check=check)

    run("create", "namespace", "kubectl-tokens")
    run("create", "serviceaccount", "robot", "-n", "kubectl-tokens")
    token = run("create", "token", "robot", "-n", "kubectl-tokens", "--duration=20m").strip()
    told = run("create", "token", "robot", "-n", "kubectl-tokens", "--duration=1m", check=False)
    assert "may not specify a duration less than 10 minutes" in told
    ca = str(server.authority.ca.cert)
    command = [newest(), "--kubeconfig=/dev/null", f"--server={server.url}", f"--certificate-authority={ca}"]
    mine = subprocess.run([*command, f"--token={token}", "auth", "whoami"], capture_output=True, text=True, check=True)
    assert "system:serviceaccount:kubectl-tokens:robot" in mine.stdout and "credential-id" in mine.stdout
    bad = subprocess.run([*command, f"--token={token}x", "auth", "whoami"], capture_output=True, text=True, check=False)
    assert "You must be logged in to the server (Unauthorized)" in bad.stderr
    other = run("auth", "whoami", "--as=jane", "--as-group=devs", "--as-uid=7")
    assert [line.split()[1] for line in other.splitlines()[1:3]] == ["jane", "7"]


def test_the_official_python_client(server: ApiServer) -> None:
    from kubernetes import client

    run = {"kubeconfig": server.kubeconfig}
    kubectl("create", "namespace", "python-tokens", **run)
    kubectl("create", "serviceaccount", "robot", "-n", "python-tokens", **run)
    token = kubectl("create", "token", "robot", "-n", "python-tokens", **run).strip()
    kubectl("create", "rolebinding", "robot", "-n", "python-tokens", "--clusterrole=cluster-admin",
            "--serviceaccount=python-tokens:robot", **run)  # fmt: skip
    config = client.Configuration(server.url, api_key={"authorization": f"Bearer {token}"})
    config.ssl_ca_cert = str(server.authority.ca.cert)
    with client.ApiClient(config) as api:
        names = [each.metadata.name for each in client.CoreV1Api(api).list_namespaced_service_account(
            "python-tokens").items]  # fmt: skip
        assert names == ["robot"]
        asked = client.AuthenticationV1TokenRequest(
            spec=client.V1TokenRequestSpec(audiences=["vault"], expiration_seconds=600))
        made = client.CoreV1Api(api).create_namespaced_service_account_token("robot", "python-tokens", asked)
        assert jwt.decode(made.status.token, options={"verify_signature": False})["aud"] == ["vault"]
