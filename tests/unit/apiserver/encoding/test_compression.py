"""gzip as a step of the pipeline: who gets it, and who does not."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from apiserver.call import Call
from apiserver.encoding.compression import THRESHOLD, compressed
from apiserver.request_info import RequestInfo

LARGE = b'{"a":"' + b"x" * THRESHOLD + b'"}'


async def through(response: web.StreamResponse, accepts: str) -> Any:
    async def following(call: Call) -> web.StreamResponse:
        return response

    request = make_mocked_request("GET", "/api/v1/pods", headers={"Accept-Encoding": accepts})
    return await compressed(following)(Call(request, RequestInfo("/api/v1/pods", "list")))


@pytest.mark.parametrize("accepts", ["gzip", "deflate, gzip", "br,gzip , identity"])
async def test_large_answers_are_compressed(accepts: str) -> None:
    response = await through(web.Response(body=LARGE, headers={"Vary": "Accept"}), accepts)
    assert response.headers["Content-Encoding"] == "gzip" and response.headers["Vary"] == "Accept, Accept-Encoding"
    assert gzip.decompress(response.body) == LARGE and len(response.body) < THRESHOLD / 50


@pytest.mark.parametrize("accepts", ["", "identity", "br", "gzip;q=0", "*"])
async def test_who_does_not_name_gzip_gets_none(accepts: str) -> None:
    response = await through(web.Response(body=LARGE), accepts)
    assert response.body == LARGE and "Content-Encoding" not in response.headers


async def test_small_answers_streams_and_what_is_compressed_already_stay_as_they_are() -> None:
    small = await through(web.Response(body=LARGE[:THRESHOLD]), "gzip")
    assert "Content-Encoding" not in small.headers
    stream = await through(web.StreamResponse(), "gzip")
    assert "Content-Encoding" not in stream.headers
    packed = await through(web.Response(body=LARGE, headers={"Content-Encoding": "gzip"}), "gzip")
    assert packed.body == LARGE
