"""What a service account token is worth, and all that ends it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from apiserver.authentication.authenticator import Rejected
from apiserver.authentication.claims import LEGACY_ISSUER
from apiserver.authentication.issuer import Issuer
from tests.support.tokens import (
    ACCOUNT,
    NAME,
    NODE,
    NOW,
    POD,
    Reference,
    World,
    elliptic,
    issuer,
    rsa_key,
    signed,
    team,
)

OURS = issuer()
GOOD = signed(OURS, ACCOUNT, POD, NODE)
AUDIENCES = (NAME,)


async def refusal(world: World, token: str, *, by: Issuer = OURS, now: int = NOW, audiences=AUDIENCES) -> str:
    """Why the token is refused; nothing when it is none of ours."""
    with pytest.raises(Rejected) as error:
        await world.tokens(by, now=now)(token, audiences)
    return str(error.value)


async def test_a_good_token_names_its_account_pod_and_node() -> None:
    answer = await team().tokens(OURS)(GOOD, AUDIENCES)
    assert answer is not None and answer.audiences == AUDIENCES
    user = answer.user
    assert (user.name, user.uid) == ("system:serviceaccount:team:robot", "uid-robot")
    assert user.groups == ("system:serviceaccounts", "system:serviceaccounts:team", "system:authenticated")
    assert dict(user.extra) == {
        "authentication.kubernetes.io/credential-id": ("JTI=j-1",),
        "authentication.kubernetes.io/node-name": ("worker-1",), "authentication.kubernetes.io/node-uid": ("uid-node",),
        "authentication.kubernetes.io/pod-name": ("web",), "authentication.kubernetes.io/pod-uid": ("uid-web",),
    }  # fmt: skip


@pytest.mark.parametrize("key", [rsa_key(), elliptic(), elliptic(ec.SECP384R1()), elliptic(ec.SECP521R1())])
async def test_every_kind_of_key(key) -> None:
    by = issuer(key)
    assert await team().tokens(by)(signed(by), AUDIENCES) is not None


@given(st.integers(0, len(GOOD) - 1), st.characters(codec="ascii"))
async def test_a_token_with_any_byte_altered_is_refused(position: int, other: str) -> None:
    altered = GOOD[:position] + other + GOOD[position + 1 :]
    if altered == GOOD:
        return
    try:
        assert await team().tokens(OURS)(altered, AUDIENCES) is None
    except Rejected:
        return


@given(st.integers(0, len(GOOD) - 1))
async def test_a_token_that_lost_or_gained_a_byte_is_refused(position: int) -> None:
    before, at, after = GOOD[:position], GOOD[position], GOOD[position + 1 :]
    for altered in (before + after, before + "A" + at + after, GOOD + "=", GOOD + "A", f" {GOOD}"):
        try:
            assert await team().tokens(OURS)(altered, AUDIENCES) is None
        except Rejected:
            continue


def part(document: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(document)).rstrip(b"=").decode()


async def test_no_signature_and_a_signature_with_the_public_key_as_password_are_refused() -> None:
    _, payload, _ = GOOD.split(".")
    for header in ({"alg": "none"}, {"alg": "HS256"}, {"alg": "HS256", "kid": OURS.signing.public.id}):
        pem = OURS.signing.public.key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        text = f"{part(header)}.{payload}"
        mac = base64.urlsafe_b64encode(hmac.digest(pem, text.encode(), hashlib.sha256)).rstrip(b"=").decode()
        assert "not by a known key" in await refusal(team(), f"{text}.{mac}")


async def test_foreign_issuers_are_not_ours_and_foreign_keys_are_refused() -> None:
    stranger = issuer(None, "https://elsewhere.test")
    assert await team().tokens(OURS)(signed(stranger), AUDIENCES) is None
    assert await team().tokens(OURS)("garbage", AUDIENCES) is None
    assert await team().tokens(OURS)("a.b.c", AUDIENCES) is None
    assert "no key of service account tokens" in await refusal(team(), signed(issuer(elliptic())))


async def test_keys_rotate() -> None:
    new = issuer()
    both = Issuer((NAME,), new.signing, (*new.keys, *OURS.keys), (NAME,))
    assert await team().tokens(both)(GOOD, AUDIENCES) and await team().tokens(both)(signed(new), AUDIENCES)
    assert await refusal(team(), GOOD, by=new)


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (NOW + 3600 + 59, ""),
        (NOW + 3600 + 61, "service account token has expired"),
        (NOW - 59, ""),
        (NOW - 61, "service account token is not valid yet"),
    ],
)
async def test_clocks_may_differ_by_a_minute(now: int, why: str) -> None:
    if why:
        assert await refusal(team(), GOOD, now=now) == why
    else:
        assert await team().tokens(OURS, now=now)(GOOD, AUDIENCES)


async def test_audiences() -> None:
    vault = signed(OURS, audiences=("vault", "bank"))
    assert await refusal(team(), vault) == (
        'token audiences ["vault" "bank"] is invalid for the target audiences ["https://issuer.test"]')
    answer = await team().tokens(OURS)(vault, ("shop", "vault"))
    assert answer is not None and answer.audiences == ("vault",)


async def test_a_token_ends_with_what_it_is_bound_to_at_once() -> None:
    world, key = team(), "/registry/pods/team/web"
    tokens = world.tokens(OURS)
    assert await tokens(GOOD, AUDIENCES)
    pod = world.entries.pop(key)
    with pytest.raises(Rejected, match="service account token has been invalidated"):
        await tokens(GOOD, AUDIENCES)
    world.entries[key] = pod
    assert await tokens(GOOD, AUDIENCES)
    world.put("pods/team/web", "another")
    with pytest.raises(Rejected, match=r"pod UID \(another\) does not match service account pod ref claim \(uid-web\)"):
        await tokens(GOOD, AUDIENCES)


async def test_what_was_found_living_is_not_read_again() -> None:
    world = team()
    tokens = world.tokens(OURS)
    for _ in range(3):
        assert await tokens(GOOD, AUDIENCES)
    assert world.reads == 0


async def test_what_the_cache_has_not_heard_of_is_asked_for() -> None:
    world = World()
    world.put("serviceaccounts/team/robot", "uid-robot", cached=False)
    assert await world.tokens(OURS)(signed(OURS), AUDIENCES) and world.reads == 1


@pytest.mark.parametrize(
    ("role", "changes", "why"),
    [
        ("serviceaccounts/team/robot", {"uid": "new"}, "service account UID (new) does not match claim (uid-robot)"),
        ("serviceaccounts/team/robot", {"deleted": NOW - 120}, "service account team/robot has been deleted"),
        ("serviceaccounts/team/robot", {"deleted": NOW - 30}, ""),
        ("pods/team/web", {"deleted": NOW - 120}, "service account token has been invalidated"),
        ("pods/team/web", {"deleted": NOW + 20}, ""),
    ],
)
async def test_objects_that_are_others_or_on_their_way_out(role: str, changes: dict, why: str) -> None:
    world = team()
    uid = changes.get("uid") or {"serviceaccounts/team/robot": "uid-robot", "pods/team/web": "uid-web"}[role]
    deleted = changes.get("deleted")
    meta = {"deletionTimestamp": datetime.fromtimestamp(deleted, UTC).isoformat()} if deleted else {}
    world.put(role, uid, metadata=meta)
    if why:
        assert await refusal(world, GOOD) == why
    else:
        assert await world.tokens(OURS)(GOOD, AUDIENCES)


async def test_a_secret_or_a_node_alone_can_be_what_ends_a_token() -> None:
    world = team()
    token = signed(OURS, ACCOUNT, Reference("secret", "team", "s", "uid-s"))
    assert await refusal(world, token) == "service account token has been invalidated"
    world.put("secrets/team/s", "uid-s")
    assert await world.tokens(OURS)(token, AUDIENCES)
    alone = signed(OURS, ACCOUNT, NODE)
    assert await world.tokens(OURS)(alone, AUDIENCES)
    world.put("nodes/worker-1", "again")
    assert "node UID (again) does not match" in await refusal(world, alone)
    assert await world.tokens(OURS)(GOOD, AUDIENCES), "a pod vouches for its node"


@pytest.mark.parametrize(
    "changes",
    [
        {"kubernetes.io": "x"}, {"kubernetes.io": {"namespace": "team"}}, {"exp": "soon"}, {"sub": "system:admin"},
        {"kubernetes.io": {"serviceaccount": "robot"}},
    ],
)  # fmt: skip
async def test_signed_nonsense_is_refused(changes: dict) -> None:
    assert await refusal(team(), signed(OURS, **changes))


def legacy(uid: str = "uid-robot") -> str:
    prefix = "kubernetes.io/serviceaccount"
    return OURS.sign({
        "iss": LEGACY_ISSUER, "sub": "system:serviceaccount:team:robot", f"{prefix}/namespace": "team",
        f"{prefix}/secret.name": "robot-token", f"{prefix}/service-account.name": "robot",
        f"{prefix}/service-account.uid": uid,
    })  # fmt: skip


async def test_the_token_in_a_secret_holds_while_the_secret_does() -> None:
    world, token = team(), legacy()
    assert await refusal(world, token) == "Token has been invalidated"
    world.put("secrets/team/robot-token", "u", data={"token": base64.b64encode(token.encode()).decode()})
    answer = await world.tokens(OURS)(token, AUDIENCES)
    assert answer is not None and answer.user.name == "system:serviceaccount:team:robot"
    world.put("secrets/team/robot-token", "u", data={"token": base64.b64encode(b"other").decode()})
    assert await refusal(world, token) == "Token does not match server's copy"


async def test_a_stale_token_still_holds_and_is_remarked_upon() -> None:
    claims = {"namespace": "team", "serviceaccount": {"name": "robot", "uid": "uid-robot"}, "warnafter": NOW + 3607}
    token = signed(OURS, seconds=365 * 24 * 3600, **{"kubernetes.io": claims})
    fresh = await team().tokens(OURS)(token, AUDIENCES)
    stale = await team().tokens(OURS, now=NOW + 3617)(token, AUDIENCES)
    assert fresh is not None and fresh.remarks == () and stale is not None
    text = "subject: system:serviceaccount:team:robot, seconds after warning threshold: 10"
    assert stale.remarks == (("authentication.k8s.io/stale-token", text),)
