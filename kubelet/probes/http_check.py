"""Asks over HTTP: one request by hand, of which only the status line and a redirection matter.

* Redirections are followed as long as they stay on the same host; one that leaves it counts as an answer.
* Whoever answers over TLS need not prove who it is.
Real Kubernetes: pkg/probe/http.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

from kubelet.probes.outcome import Outcome, authority, refusal
from machinery.api.core.v1 import HTTPGetAction

USER_AGENT = "kube-probe/1.32"
MOST_REDIRECTS = 10
REDIRECTIONS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Address:
    """Where to ask, and for what."""

    secure: bool
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, action: HTTPGetAction, host: str, port: int) -> Address:
        path = action.path if action.path.startswith("/") else f"/{action.path}"
        return cls(action.scheme.upper() == "HTTPS", host, port, path)

    @property
    def text(self) -> str:
        return f"{'https' if self.secure else 'http'}://{authority(self.host, self.port)}{self.path}"

    def followed(self, location: str) -> Address | None:
        """Where a redirection leads; None if away from this host."""
        target = urlsplit(location)
        if target.hostname not in (None, self.host):
            return None
        secure = target.scheme == "https" if target.scheme else self.secure
        port = self.port if target.hostname is None else target.port or (443 if secure else 80)
        return replace(self, secure=secure, port=port, path=_path(target))


def _path(target: SplitResult) -> str:
    return (target.path or "/") + (f"?{target.query}" if target.query else "")


def _tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def request(action: HTTPGetAction, address: Address) -> bytes:
    """The bytes to send: the action's headers replace ours of the same name, and may be repeated."""
    given = [(header.name, header.value) for header in action.http_headers]
    names = {name.lower() for name, _ in given}
    ours = {"Host": authority(address.host, address.port), "User-Agent": USER_AGENT, "Accept": "*/*"}
    headers = [(name, text) for name, text in ours.items() if name.lower() not in names]
    lines = [f"{name}: {text}" for name, text in (*headers, *given, ("Connection", "close"))]
    return "\r\n".join([f"GET {address.path} HTTP/1.1", *lines, "", ""]).encode()


async def _ask(action: HTTPGetAction, address: Address) -> tuple[int, str]:
    """The status code, and the location that a redirection names."""
    context = _tls() if address.secure else None
    reader, writer = await asyncio.open_connection(address.host, address.port, ssl=context)
    try:
        writer.write(request(action, address))
        code = int((await reader.readline()).split()[1])
        while code in REDIRECTIONS and (line := (await reader.readline()).decode(errors="replace").strip()):
            name, _, value = line.partition(":")
            if name.lower() == "location":
                return code, value.strip()
        return code, ""
    finally:
        writer.close()


async def _final_code(action: HTTPGetAction, address: Address) -> int:
    """After all redirections that stay here."""
    for _ in range(MOST_REDIRECTS):
        code, location = await _ask(action, address)
        target = address.followed(location) if location else None
        if target is None:
            return code
        address = target
    raise ValueError(f"stopped after {MOST_REDIRECTS} redirects")


async def status_of(action: HTTPGetAction, host: str, port: int, timeout: float) -> int | Outcome:
    """The status code with which it answered; or, where it did not answer, why."""
    address = Address.of(action, host, port)
    failed = f'Get "{address.text}"'
    try:
        async with asyncio.timeout(timeout):
            return await _final_code(action, address)
    except TimeoutError:
        return Outcome(False, f"{failed}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)")
    except ssl.SSLError:
        return Outcome(False, f"{failed}: http: server gave HTTP response to HTTPS client")
    except OSError as error:
        return Outcome(False, f"{failed}: {refusal(authority(host, port), error)}")
    except IndexError:
        return Outcome(False, f"{failed}: EOF")
    except ValueError as error:
        return Outcome(False, f"{failed}: {error}")


async def check_http(action: HTTPGetAction, host: str, port: int, timeout: float) -> Outcome:
    code = await status_of(action, host, port, timeout)
    if isinstance(code, Outcome):
        return code
    return Outcome(200 <= code < 400, "" if 200 <= code < 400 else f"HTTP probe failed with statuscode: {code}")
