"""Clients in a process of their own that create and update ConfigMaps through several API servers, whatever happens.

`python -m tests.support.writers URL URL … --ca --cert --key --count --out`: prints how many writes are acknowledged,
and leaves a JSON list of [name, n, resourceVersion] in --out. A write whose answer did not come, or was an error of
the server, is made again through the next server until one acknowledges it: its effect is the same.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import sys
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import uvloop

MAPS = "/api/v1/namespaces/default/configmaps"
UPDATES = 9
PATIENCE = 20.0
Acknowledged = list[tuple[str, int, int]]


class Writer:
    """Its own objects, one after the other: created, then updated several times."""

    def __init__(self, session: aiohttp.ClientSession, urls: list[str], name: str, done: Acknowledged) -> None:
        self._session, self._urls, self._name, self._done = session, urls, name, done

    async def run(self, count: int) -> None:
        for index in range(count // (UPDATES + 1)):
            name = f"{self._name}-{index}"
            for n in range(UPDATES + 1):
                self._done.append((name, n, await self._write(name, n)))

    async def _write(self, name: str, n: int) -> int:
        body = {"metadata": {"name": name}, "data": {"n": str(n)}}
        while True:
            try:
                status, answer = await self._ask("PUT" if n else "POST", f"{MAPS}/{name}" if n else MAPS, body)
                if status == 409 and not n:
                    status, answer = await self._ask("GET", f"{MAPS}/{name}", None)
                if status in (200, 201):
                    return int(answer["metadata"]["resourceVersion"])
                if status < 429:
                    raise RuntimeError(f"{name} {n}: {status} {answer}")
            except (aiohttp.ClientError, TimeoutError, ConnectionError, ValueError):
                pass
            self._urls = [*self._urls[1:], self._urls[0]]
            await asyncio.sleep(0.05)

    async def _ask(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        data, headers = orjson.dumps(body) if body else None, {"Content-Type": "application/json"}
        async with self._session.request(method, self._urls[0] + path, data=data, headers=headers) as answer:
            return answer.status, orjson.loads(await answer.read())


async def write(options: argparse.Namespace) -> None:
    context = ssl.create_default_context(cafile=options.ca)
    context.load_cert_chain(options.cert, options.key)
    done: Acknowledged = []
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context), timeout=timeout) as session:
        turned = [options.urls, options.urls[::-1]]
        writers = [Writer(session, turned[i % 2], f"w{i}", done) for i in range(options.clients)]
        telling = asyncio.create_task(_tell(done))
        await asyncio.gather(*(writer.run(options.count // options.clients) for writer in writers))
        telling.cancel()
    Path(options.out).write_text(json.dumps(done))
    sys.stdout.write(f"{len(done)}\n")


async def _tell(done: Acknowledged) -> None:
    while True:
        sys.stdout.write(f"{len(done)}\n")
        sys.stdout.flush()
        await asyncio.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("urls", nargs="+")
    for name in ("ca", "cert", "key", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--clients", type=int, default=10)
    uvloop.run(write(parser.parse_args()))


if __name__ == "__main__":
    main()
