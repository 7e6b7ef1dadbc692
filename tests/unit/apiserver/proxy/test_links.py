"""Which links of a proxied page change, and that nothing else does."""

from __future__ import annotations

import pytest

from apiserver.proxy.links import Rewriter, joined

PREFIX = "/api/v1/namespaces/default/services/web:80/proxy"
REWRITER = Rewriter(PREFIX, "10.1.1.1:8080", "api.test:6443")


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/", f"{PREFIX}/"),
        ("/a/b", f"{PREFIX}/a/b"),
        ("/a/b/", f"{PREFIX}/a/b/"),
        ("/a?x=1#y", f"{PREFIX}/a?x=1#y"),
        ("a/b", "a/b"),
        ("../b", "../b"),
        ("#top", "#top"),
        ("?page=2", "?page=2"),
        ("mailto:me@example.org", "mailto:me@example.org"),
        ("http://10.1.1.1:8080/a", f"{PREFIX}/a"),
        ("https://api.test:6443/a", f"https://api.test:6443{PREFIX}/a"),
        ("http://elsewhere/a", "http://elsewhere/a"),
        ("//elsewhere/a", "//elsewhere/a"),
        (f"{PREFIX}/a", f"{PREFIX}/a"),
        ("http://[broken/a", "http://[broken/a"),
    ],
)
def test_links(link: str, expected: str) -> None:
    assert REWRITER.link(link) == expected


def test_pages() -> None:
    page = """<!doctype html>
<html><head><link rel=stylesheet href=/s.css><script src="/s.js">if (a<b) x = '<a href="/no">';</script></head>
<body><!-- <a href="/no"> --><a HREF='/q?a=1&amp;b=2' download>R&amp;D</a>
<img src="/i.png"/><p title="/no">text</p><form action="/f"><input formaction=rel></form>
"""
    expected = f"""<!doctype html>
<html><head><link rel="stylesheet" href="{PREFIX}/s.css"><script src="{PREFIX}/s.js">if (a<b) x = '<a href="/no">';\
</script></head>
<body><!-- <a href="/no"> --><a href="{PREFIX}/q?a=1&amp;b=2" download>R&amp;D</a>
<img src="{PREFIX}/i.png"/><p title="/no">text</p><form action="{PREFIX}/f"><input formaction=rel></form>
"""
    assert REWRITER.page(page) == expected


@pytest.mark.parametrize("page", ["", "no tags", "a < b", "<a", "<a href='/x", "\udcff<b>\udcfe", "<p>\r\n<br/>"])
def test_what_has_no_links_stays(page: str) -> None:
    assert REWRITER.page(page) == page


def test_joined() -> None:
    assert joined("/p", "/../x/") == "/x/"
    assert joined("/p", "/") == "/p/"
