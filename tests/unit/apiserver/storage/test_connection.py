"""etcd's errors in our words: what is known of the outcome decides the class."""

from __future__ import annotations

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from apiserver.request_info import parse
from apiserver.storage.connection import translate
from apiserver.storage.interface import (
    Compacted,
    DeadlinePassed,
    LeaseLost,
    NoSpace,
    StorageError,
    TooLarge,
    TooLargeRevision,
    Unavailable,
)
from apiserver.storage_errors import translated

CODES = grpc.StatusCode
INFO = parse("POST", "/api/v1/namespaces/a/pods")


@pytest.mark.parametrize(
    ("code", "text", "wanted", "status"),
    [
        (CODES.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted", Compacted, 410),
        (CODES.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision", TooLargeRevision, 504),
        (CODES.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded", NoSpace, 500),
        (CODES.INVALID_ARGUMENT, "etcdserver: request is too large", TooLarge, 413),
        (CODES.NOT_FOUND, "etcdserver: requested lease not found", LeaseLost, 500),
        (CODES.UNAVAILABLE, "etcdserver: request timed out", DeadlinePassed, 504),
        (CODES.UNAVAILABLE, "etcdserver: request timed out, possibly no leader", DeadlinePassed, 504),
        (CODES.UNKNOWN, "context deadline exceeded", DeadlinePassed, 504),
        (CODES.DEADLINE_EXCEEDED, "Deadline Exceeded", DeadlinePassed, 504),
        (CODES.UNAVAILABLE, "etcdserver: leader changed", Unavailable, 503),
        (CODES.UNAVAILABLE, "etcdserver: no leader", Unavailable, 503),
        (CODES.UNAVAILABLE, "Socket closed", Unavailable, 503),
        (CODES.RESOURCE_EXHAUSTED, "etcdserver: too many requests", StorageError, 500),
    ],
)
def test_errors(code: grpc.StatusCode, text: str, wanted: type[StorageError], status: int) -> None:
    found = translate(AioRpcError(code, Metadata(), Metadata(), text), "http://e", 7)
    assert type(found) is wanted
    answer = translated(found, INFO)
    assert answer is not None and answer.code == status
    if text.startswith("etcdserver: ") and status in (500, 503):
        assert text in answer.message, "users search for these words"
    assert not answer.retry_after or wanted is TooLargeRevision, "a write of unknown outcome is not tried again unasked"
