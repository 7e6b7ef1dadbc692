"""aiohttp, in half the time and with 3 MB less: `from machinery.component.quick_aiohttp import aiohttp`.

Importing aiohttp reads the system's certificates twice, for TLS contexts that this project never uses: everyone here
names the cluster's own CA. So OpenSSL is shown an empty file meanwhile. Those two contexts then trust nobody, which is
safe; whoever wants the system's certificates makes a context of their own. And frozenlist, which holds a handful of
callbacks here, stays in Python: its compiled half loads the whole C++ library.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

MEANWHILE = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull, "FROZENLIST_NO_EXTENSIONS": "1"}


@contextmanager
def no_system_certificates() -> Iterator[None]:
    kept = {name: os.environ.get(name) for name in MEANWHILE}
    os.environ.update(MEANWHILE)
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


with no_system_certificates():
    import aiohttp

__all__ = ["aiohttp"]
