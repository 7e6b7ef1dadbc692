"""resourceVersion in and out of an object's JSON text, without decoding it. Pure.

etcd's copy has none (it cannot know its own revision before it is written); clients' copies carry
`"resourceVersion":"N"` as the first member of the top-level `metadata`.
In Kubernetes: storage.APIObjectVersioner, on decoded objects.
"""

from __future__ import annotations

import re

import orjson

_METADATA = b'"metadata":{'
_MARK = b'"resourceVersion":"'
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]')


class BadBody(ValueError):
    """The text is not a JSON object with an object `metadata` at its top."""


def splice_point(raw: bytes) -> int:
    """The offset just behind the top-level `"metadata":{`."""
    at = raw.find(_METADATA)
    # In JSON text `"metadata":{` is always a key. If the only brace before it is the outermost one
    # (a brace inside a string merely sends us the slow way), that key is at the top level.
    if at > 0 and raw.count(b"{", 0, at) == 1:
        return at + len(_METADATA)
    return _scan(raw)


def _scan(raw: bytes) -> int:
    depth = 0
    for token in _TOKEN.finditer(raw):
        text = token[0]
        if text in (b"{", b"["):
            depth += 1
        elif text in (b"}", b"]"):
            depth -= 1
        elif depth == 1 and text == b'"metadata"' and raw.startswith(_METADATA, token.start()):
            return token.start() + len(_METADATA)
    raise BadBody("no top-level metadata object")


def splice(raw: bytes, revision: int, at: int = 0) -> bytes:
    """The text for clients from etcd's text. `at` is the splice point when it is known."""
    at = at or splice_point(raw)
    comma = b"" if raw[at] == 125 else b","  # 125 = }: metadata was empty
    return b'%b"resourceVersion":"%d"%b%b' % (raw[:at], revision, comma, raw[at:])


def unsplice(body: bytes) -> bytes:
    """etcd's text from a text that may have been spliced; one without the mark is returned as it is."""
    at = splice_point(body)
    if not body.startswith(_MARK, at):
        return body
    end = body.index(b'"', at + len(_MARK)) + 1
    return body[:at] + body[end + (body[end] == 44) :]  # 44 = comma


def resplice(body: bytes, revision: int, at: int = 0) -> bytes:
    """The same object at another revision: a DELETED event tells when the object went."""
    at = at or splice_point(body)
    start = at + len(_MARK)
    return b"%b%d%b" % (body[:start], revision, body[body.index(b'"', start) :])


def raw_from(text: bytes) -> bytes:
    """etcd's text as we would have written it, from ours, a client's, or somebody's with spaces in it."""
    try:
        raw = unsplice(text)
    except BadBody:
        return _canonical(text)
    # Rare enough to be looked at twice: a resourceVersion elsewhere (another key's value may hold one too).
    return _canonical(raw) if _MARK in raw else raw


def _canonical(raw: bytes) -> bytes:
    try:
        document = orjson.loads(raw)
        document["metadata"].pop("resourceVersion", None)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadBody(str(error)) from error
    return orjson.dumps(document)
