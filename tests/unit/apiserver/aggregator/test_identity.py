"""Who asks, in headers; whom we believe."""

from __future__ import annotations

import base64
import ssl
from pathlib import Path

import pytest
from multidict import CIMultiDict

from apiserver.aggregator.identity import FrontProxy, Unspeakable, headers_of
from apiserver.aggregator.relay import target
from apiserver.authentication.request_header import extra_of
from apiserver.user import User
from tests.support.pki import Authority


def test_headers() -> None:
    user = User("ann", ("a", "b"), "7", (("example.com/team%", ("x", "y")),))
    assert headers_of(user) == [
        ("X-Remote-User", "ann"), ("X-Remote-Uid", "7"), ("X-Remote-Group", "a"), ("X-Remote-Group", "b"),
        ("X-Remote-Extra-example.com%2Fteam%25", "x"), ("X-Remote-Extra-example.com%2Fteam%25", "y"),
    ]  # fmt: skip
    assert headers_of(User("ann")) == [("X-Remote-User", "ann")]


def test_who_receives_them_reads_the_same() -> None:
    extra = (("example.com/team", ("x", "y")), ("ä", ("z",)))
    assert extra_of(CIMultiDict(headers_of(User("ann", extra=extra))), ("X-Remote-Extra-",)) == extra


@pytest.mark.parametrize(
    "user", [User("a\r\nX-Remote-Group: system:masters"), User("a", ("b\n",)), User("a", extra=(("k", ("\r",)),))]
)
def test_a_name_cannot_bring_headers_of_its_own(user: User) -> None:
    with pytest.raises(Unspeakable, match="invalid header field value"):
        headers_of(user)


def test_what_was_read_is_what_is_asked() -> None:
    assert target("/apis/g/v1/a/b c", "x=%20") == "/apis/g/v1/a/b%20c?x=%20"
    assert target("/apis/g/v1/ü%?", "") == "/apis/g/v1/%C3%BC%25%3F"
    assert target("/apis/g/v1/a HTTP/1.1\r\nX-Remote-User: root", "").count("\n") == 0


def test_whom_we_believe(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair = authority.issue("front-proxy-client")
    proxy = FrontProxy(str(pair.cert), str(pair.key))
    bundle = base64.b64encode(authority.ca.cert.read_bytes()).decode()
    context = proxy.trusting(bundle)
    assert context.verify_mode is ssl.CERT_REQUIRED and len(context.get_ca_certs()) == 1
    assert proxy.careless().verify_mode is ssl.CERT_NONE and len(proxy.age()) == 2 and FrontProxy("", "").age() == ()
    for wrong in (base64.b64encode(b"no PEM").decode(), base64.b64encode(b"\xff").decode(), "no base64"):
        with pytest.raises(ValueError, match="unable to load root certificates"):
            proxy.trusting(wrong)
