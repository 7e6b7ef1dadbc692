"""Two API servers on one etcd: a kind that is defined at one is served by both, also by one that starts later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from tests.integration.apiserver.conftest import Api
from tests.integration.apiserver.test_custom_resources import CRDS, definition, eventually, widget
from tests.support.apiserver import ApiServer

GROUP = "two.example.com"
WIDGETS = f"/apis/{GROUP}/v1/namespaces/default/widgets"


def answers(api: Api, path: str, status: int) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return (await api.get(path)).status == status

    return look


async def test_served_by_both_and_after_a_restart(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    async with ApiServer(folders[0]) as first:
        second = ApiServer(folders[1], "--advertise-address=127.0.0.2", etcd=first.etcd, authority=first.authority)
        async with second, aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=first.context())) as session:
            here, there = Api(session, first.url), Api(session, second.url)
            assert (await here.post(CRDS, definition(GROUP))).status == 201
            await asyncio.gather(*(eventually(answers(each, WIDGETS, 200)) for each in (here, there)))
            assert (await there.post(WIDGETS, widget(GROUP))).status == 201
            assert (await here.get(f"{WIDGETS}/one")).body["spec"]["color"] == "red"
            await asyncio.to_thread(second.kill)
            await second.start()
            assert (await there.get(f"{WIDGETS}/one")).status == 200
            assert (await there.get(f"/apis/{GROUP}/v1")).status == 200
            await here.delete(f"{CRDS}/widgets.{GROUP}")
            await asyncio.gather(*(eventually(answers(each, WIDGETS, 404)) for each in (here, there)))
            await eventually(answers(there, f"{CRDS}/widgets.{GROUP}", 404))
