"""The text of health endpoints: Kubernetes' own, letter by letter."""

from __future__ import annotations

import asyncio

from apiserver import health
from apiserver.health import HOOKS, Health, Unhealthy


class Etcd:
    """Answers, refuses or hangs."""

    def __init__(self) -> None:
        self.trouble = ""
        self.hangs = False

    async def ask(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.trouble:
            raise Unhealthy(self.trouble)


def made(etcd: Etcd, *, follow: bool = True) -> Health:
    checks = Health(etcd.ask, lambda: follow)
    for hook in HOOKS:
        checks.passed(hook)
    return checks


async def test_ok_and_every_check_by_name() -> None:
    checks = made(Etcd())
    for endpoint in ("healthz", "livez", "readyz"):
        assert await checks.all(endpoint) == (True, "ok")
    lines = (await checks.all("readyz", verbose=True)).text.splitlines()
    assert lines[:5] == ["[+]ping ok", "[+]log ok", "[+]etcd ok", "[+]etcd-readiness ok", "[+]informer-sync ok"]
    assert "[+]poststarthook/bootstrap-controller ok" in lines
    assert lines[-2:] == ["[+]shutdown ok", "readyz check passed"]
    live = (await checks.all("livez", verbose=True)).text
    assert "shutdown" not in live and "informer-sync" not in live and live.endswith("\nlivez check passed\n")


async def test_a_failure_is_named_but_its_reason_is_not() -> None:
    etcd = Etcd()
    checks = made(etcd)
    etcd.trouble = "secret address"
    healthy, text = await checks.all("readyz")
    assert not healthy and "[-]etcd failed: reason withheld\n" in text and "secret" not in text
    assert "[+]ping ok\n" in text and text.endswith("readyz check failed\n")
    assert await checks.one("livez", "etcd") == (False, "internal server error: secret address\n")
    assert await checks.one("livez", "ping") == (True, "ok")
    assert await checks.one("livez", "shutdown") is None


async def test_excluded_checks() -> None:
    etcd = Etcd()
    etcd.trouble = "gone"
    checks = made(etcd)
    assert await checks.all("livez", excluded=["etcd"]) == (True, "ok")
    text = (await checks.all("livez", excluded=["etcd", "b", "a"], verbose=True)).text
    assert "[+]etcd excluded: ok\n" in text
    assert 'warn: some health checks cannot be excluded: no matches for "a","b"\n' in text


async def test_a_check_that_hangs_fails_in_time() -> None:
    etcd = Etcd()
    etcd.hangs = True
    begun = asyncio.get_running_loop().time()
    healthy, text = await made(etcd).all("readyz")
    assert not healthy and "[-]etcd failed" in text
    assert asyncio.get_running_loop().time() - begun < health.CHECK_SECONDS + 1


async def test_not_ready_while_starting_and_while_stopping() -> None:
    checks = Health(Etcd().ask, lambda: True)
    assert "[-]poststarthook/start-system-namespaces-controller failed" in (await checks.all("readyz")).text
    checks = made(Etcd())
    checks.stopping()
    assert "[-]shutdown failed" in (await checks.all("readyz")).text
    assert await checks.all("livez") == (True, "ok")
    assert "[-]informer-sync failed" in (await made(Etcd(), follow=False).all("readyz")).text
