"""The ceiling of create: transactions that create a key, by the same gRPC library and channel, and nothing else.

Command: `python -m bench.apiserver.raw_etcd URL BODY-FILE CONCURRENCY SECONDS PREFIX`; prints the rate and the
processor time of each transaction.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from itertools import count
from pathlib import Path

import uvloop
from aetcd import rpc

from apiserver.storage.connection import Connection, EtcdConfig


async def main(url: str, body_file: str, *numbers: str) -> None:
    """Print one JSON object."""
    body, concurrency, seconds, prefix = Path(body_file).read_bytes(), int(numbers[0]), float(numbers[1]), numbers[2]
    etcd, names = Connection(EtcdConfig((url,))), count()

    async def create(until: float) -> int:
        done = 0
        while time.monotonic() < until:
            key = f"{prefix}{next(names)}".encode()
            compare = rpc.Compare(result=rpc.Compare.EQUAL, target=rpc.Compare.MOD, key=key, mod_revision=0)
            put = rpc.RequestOp(request_put=rpc.PutRequest(key=key, value=body))
            await etcd.write(etcd.kv.Txn, rpc.TxnRequest(compare=(compare,), success=(put,)))
            done += 1
        return done

    await asyncio.gather(*(create(time.monotonic() + 0.3) for _ in range(concurrency)))
    began, used = time.monotonic(), time.process_time()
    total = sum(await asyncio.gather(*(create(began + seconds) for _ in range(concurrency))))
    spent, used = time.monotonic() - began, time.process_time() - used
    print(json.dumps({"rate": total / spent, "micros": 1e6 * used / total}))
    await etcd.close()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
