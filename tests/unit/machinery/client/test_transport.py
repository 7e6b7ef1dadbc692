import errno
import socket

import pytest

from machinery.api import errors
from machinery.client.transport import _patient_socket, _wire, error_of, reason_of
from machinery.component.quick_aiohttp import aiohttp


def test_parameters_that_say_nothing_are_left_out() -> None:
    given = {"a": "", "b": None, "c": 0, "d": True, "e": False, "f": "x"}
    assert _wire(given) == {"c": "0", "d": "true", "e": "false", "f": "x"}
    assert _wire(None) == {}


@pytest.mark.parametrize(("body", "message"), [
    (b'{"kind": "Status", "reason": "NotFound", "code": 404, "message": "no pod x"}', "no pod x"),
    (b"404: Not Found", "the server could not find the requested resource"),
    (b"[1]", "the server could not find the requested resource"),
])
def test_an_error_is_told_by_its_status_or_else_by_its_code(body: bytes, message: str) -> None:
    error = error_of(404, body)
    assert isinstance(error, errors.NotFound)
    assert str(error) == message


def test_retry_after_is_kept() -> None:
    assert error_of(429, b"", "7").retry_after == 7
    assert error_of(429, b"", "Wed, 21 Oct 2015 07:28:00 GMT").retry_after == 0


@pytest.mark.parametrize(("error", "reason"), [
    (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 1)"), "Connection refused"),
    (ConnectionResetError(), "ConnectionResetError"),
    (aiohttp.ServerDisconnectedError(), "the connection broke off"),
    (aiohttp.ClientPayloadError("Not enough data"), "the connection broke off"),
    (aiohttp.InvalidURL("nonsense"), "nonsense"),
])
def test_reasons_are_short(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


def test_a_vanished_peer_is_noticed() -> None:
    made = _patient_socket((socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 1)))
    with made:
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000
