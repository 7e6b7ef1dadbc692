"""Links in what a proxied server answers, made to lead through the proxy again. Pure.

Only absolute paths and links to the server's own host change; everything else stays byte for byte.
Real Kubernetes: apimachinery's util/proxy/transport.go. Left out, there too: links inside styles and scripts.
"""

from __future__ import annotations

import html
import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlsplit

_ATTRIBUTES = {
    "a": ("href",), "applet": ("codebase",), "area": ("href",), "audio": ("src",), "base": ("href",),
    "blockquote": ("cite",), "body": ("background",), "button": ("formaction",), "command": ("icon",),
    "del": ("cite",), "embed": ("src",), "form": ("action",), "frame": ("longdesc", "src"), "head": ("profile",),
    "html": ("manifest",), "iframe": ("longdesc", "src"), "img": ("longdesc", "src", "usemap"),
    "input": ("src", "usemap", "formaction"), "ins": ("cite",), "link": ("href",),
    "object": ("classid", "codebase", "data", "usemap"), "q": ("cite",), "script": ("src",), "source": ("src",),
    "video": ("poster", "src"),
}  # fmt: skip


@dataclass(frozen=True)
class Rewriter:
    """From a link of the server's to the link that its user must follow."""

    prefix: str
    """The path of the proxy: /api/v1/…/proxy."""
    backend: str
    """The host (and port) that was asked."""
    host: str
    """The host by which the user knows us."""

    def link(self, link: str) -> str:
        try:
            url = urlsplit(link)
        except ValueError:
            return link
        if url.netloc not in ("", self.backend, self.host) or not url.path.startswith("/"):
            return link
        if url.netloc != self.host:
            url = url._replace(scheme="", netloc="")
        if not url.path.startswith(self.prefix):
            url = url._replace(path=joined(self.prefix, url.path))
        return url.geturl()

    def page(self, text: str) -> str:
        """HTML with its links changed."""
        return _Page(self.link).rewritten(text)


def joined(prefix: str, path: str) -> str:
    """One path below another; a slash at the end stays."""
    whole = posixpath.normpath(f"{prefix}/{path}")
    return whole + "/" if path.endswith("/") and not whole.endswith("/") else whole


class _Page(HTMLParser):
    """Notes which start tags must change, and leaves all between them as it is."""

    def __init__(self, link: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self._link = link
        self._lines = [0]
        self._changes: list[tuple[int, str, str]] = []

    def rewritten(self, text: str) -> str:
        for line in text.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(text)
        self.close()
        parts, done = [], 0
        for position, old, new in self._changes:
            parts += [text[done:position], new]
            done = position + len(old)
        return "".join([*parts, text[done:]])

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = _ATTRIBUTES.get(tag, ())
        new = [(name, self._link(value) if value and name in names else value) for name, value in attributes]
        raw = self.get_starttag_text()
        if new != attributes and raw is not None:
            line, column = self.getpos()
            self._changes.append((self._lines[line - 1] + column, raw, _tag(tag, new, closed=raw.endswith("/>"))))


def _tag(name: str, attributes: list[tuple[str, str | None]], *, closed: bool) -> str:
    shown = [key if value is None else f'{key}="{html.escape(value)}"' for key, value in attributes]
    return f"<{' '.join([name, *shown])}{'/' if closed else ''}>"
