"""The ceiling of GET and LIST: an aiohttp application on uvloop that answers every path with the same bytes.

TLS with the same kind of certificates; a client certificate is required.
Command: `python -m bench.apiserver.bare BODY-FILE PORT CERT KEY CA`.
"""

from __future__ import annotations

import asyncio
import gc
import ssl
import sys
from pathlib import Path

import uvloop
from aiohttp import web


async def main(body_file: str, port: str, *files: str) -> None:
    """Serve for ever."""
    cert, key, ca = files
    body = Path(body_file).read_bytes()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ca)
    context.load_cert_chain(cert, key)
    context.verify_mode = ssl.CERT_REQUIRED

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": "application/json"})

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(port), ssl_context=context).start()
    gc.freeze()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
