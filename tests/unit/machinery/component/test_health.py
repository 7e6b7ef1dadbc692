import asyncio

import pytest

from machinery.component.health import Health, serve_health


async def free_port() -> int:
    server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def ask(port: int, request: str) -> tuple[str, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{request}\r\nHost: x\r\n\r\n".encode())
    text = (await reader.read()).decode()
    writer.close()
    head, _, body = text.partition("\r\n\r\n")
    return head.splitlines()[0], body


async def connect_when_up(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.01)
            else:
                return writer.close()


async def test_pages() -> None:
    health, trouble = Health(), {"why": ""}
    health.live["loop"] = lambda: ""
    health.ready["informers"] = lambda: trouble["why"]
    stop, port = asyncio.Event(), await free_port()
    server = asyncio.create_task(serve_health(port, stop, health=health))
    await connect_when_up(port)
    assert await ask(port, "GET /healthz HTTP/1.1") == ("HTTP/1.1 200 OK", "ok")
    assert await ask(port, "GET /readyz?verbose HTTP/1.1") == ("HTTP/1.1 200 OK", "ok")
    trouble["why"] = "not synced"
    assert await ask(port, "GET /readyz HTTP/1.1") == (
        "HTTP/1.1 500 Internal Server Error", "[+]loop ok\n[-]informers failed: not synced\n")
    assert await ask(port, "GET /livez HTTP/1.1") == ("HTTP/1.1 200 OK", "ok")
    assert (await ask(port, "GET /metrics HTTP/1.1"))[0] == "HTTP/1.1 200 OK"
    assert (await ask(port, "GET /nothing HTTP/1.1"))[0] == "HTTP/1.1 404 Not Found"
    assert (await ask(port, "POST /healthz HTTP/1.1"))[0] == "HTTP/1.1 405 Method Not Allowed"
    assert await ask(port, "HEAD /healthz HTTP/1.1") == ("HTTP/1.1 200 OK", "")
    stop.set()
    await server


async def test_port_zero_serves_nothing() -> None:
    await serve_health(0, asyncio.Event())


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
def test_no_checks_mean_well(path: str) -> None:
    assert Health().answer(path) == (200, "ok")
