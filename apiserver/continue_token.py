"""Where a page of a list ended, as the opaque text that a client sends back to get the next page.

Pure. A token names a revision (-1: the newest, after its own revision was compacted) and a key inside its list's own
prefix, which it cannot leave. Real Kubernetes: k8s.io/apiserver/pkg/storage/continue.go, the same text for text.
"""

from __future__ import annotations

import base64
import binascii
import posixpath
from dataclasses import dataclass

import orjson

from machinery.api.errors import BadRequest, Expired

_VERSION = "meta.k8s.io/v1"
NEWEST = -1
_BAD = "continue key is not valid"
_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


@dataclass(frozen=True, slots=True)
class Token:
    """The list's revision and the key to go on after."""

    revision: int
    after: str


def encode(token: Token, prefix: str) -> str:
    """The NUL makes it the first key that the next page may hold, as Kubernetes has it."""
    document = {"v": _VERSION, "rv": token.revision, "start": token.after.removeprefix(prefix) + "\0"}
    return base64.urlsafe_b64encode(orjson.dumps(document)).rstrip(b"=").decode()


def decode(text: str, prefix: str) -> Token:
    try:
        document = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        version, revision, start = (document[key] for key in ("v", "rv", "start"))
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise _refused(_BAD) from None
    if version != _VERSION:
        raise _refused(f"{_BAD}: server does not recognize this encoded version {version}")
    if not isinstance(revision, int) or not isinstance(start, str):
        raise _refused(_BAD)
    if not -1 <= revision < 2**63 or revision == 0:
        raise _refused(f"{_BAD}: incorrect encoded start resourceVersion (version {_VERSION})")
    if not start:
        raise _refused(f"{_BAD}: encoded start key empty (version {_VERSION})")
    if posixpath.normpath("/" + start.lstrip("/")) != "/" + start.removeprefix("/"):
        raise _refused(f"{_BAD}: {start}")
    return Token(revision, prefix + start.removeprefix("/").removesuffix("\0"))


def _refused(why: str) -> BadRequest:
    return BadRequest(f"invalid continue token: {why}")


def expired(token: Token, prefix: str) -> Expired:
    """410, with the token that goes on at the same place in the newest state."""
    error = Expired(_TOO_OLD)
    error.continue_token = encode(Token(NEWEST, token.after), prefix)
    return error
