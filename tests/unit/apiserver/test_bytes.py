"""Fields of bytes, wherever they stand, hold base64; and bodies that would take more than they give are refused."""

from __future__ import annotations

import time

import pytest

from apiserver import decoding
from machinery.api.certificates.v1 import CertificateSigningRequest
from machinery.api.core.v1 import ConfigMap, Pod, Secret
from machinery.api.errors import BadRequest


def test_base64_is_checked_where_bytes_stand() -> None:
    for model, version, document in (
        (Secret, "v1", {"data": {"a": "YQ="}}),
        (ConfigMap, "v1", {"binaryData": {"a": "*"}}),
        (CertificateSigningRequest, "certificates.k8s.io/v1", {"spec": {"request": "10.0.0.9"}}),
    ):
        with pytest.raises(BadRequest, match="illegal base64 data at input byte"):
            decoding.canonical(document, model, api_version=version)
    assert decoding.canonical({"spec": {"hostNetwork": True}}, Pod, api_version="v1")["spec"] == {
        "containers": [], "hostNetwork": True,
    }  # fmt: skip


LAUGHS = b"a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"a%d: &a%d [%b]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        (LAUGHS, "application/yaml", "document contains excessive aliasing"),
        (b"a: &a [*a]", "application/yaml", "anchor value contains itself"),
        (b"{" * 100_000, "application/yaml", "exceeded max depth of 200"),
        (b"- " * 5000, "application/yaml", "exceeded max depth of 200"),
        (b"a: .inf", "application/yaml", "JSON has no number .inf"),
        (b"a: " + b"9" * 5000, "application/yaml", "cannot read 999"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "application/json", "exceeded max depth"),
        (b"[" * 100_000, "application/json", "json parse error"),
    ],
)
def test_monsters(body: bytes, content_type: str, why: str) -> None:
    began = time.process_time()
    with pytest.raises(BadRequest) as refused:
        decoding.parse(body, content_type)
    assert why in refused.value.message
    assert time.process_time() - began < 1


def test_numbers_beyond_64_bits_become_what_json_makes_of_them() -> None:
    assert decoding.parse(b"a: 99999999999999999999", "application/yaml") == {"a": 1e20}
    assert decoding.parse(b"a: 18446744073709551615", "application/yaml") == {"a": 2**64 - 1}
    assert decoding.parse(b"a: 09", "application/yaml") == {"a": 9}
    assert decoding.parse(b"a: &x {b: 1}\nc: *x", "application/yaml") == {"a": {"b": 1}, "c": {"b": 1}}
