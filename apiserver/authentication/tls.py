"""Our side of TLS: our certificate; a client's is asked for, and looked at later.

OpenSSL checks that a client owns the key of the certificate that it shows. Who signed it, and until when it holds, is
for the authenticators to judge, as in Kubernetes (Go's tls.RequestClientCert). Python's ssl has no such mode, so
OpenSSL is told through its own C interface to accept every chain; where that cannot be reached, it checks the chain
itself and a bad one breaks the connection.
"""

from __future__ import annotations

import _ssl
import ctypes
import logging
import ssl
from collections.abc import Sequence

log = logging.getLogger(__name__)
_Accept = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


@_Accept
def _accept(_store: int, _argument: int) -> int:
    return 1


def server_context(certificate: str, key: str, authorities: Sequence[str]) -> ssl.SSLContext:
    """OSError when a file cannot be used. `authorities` are CA files whose names are suggested to clients."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for path in authorities:
        context.load_verify_locations(cafile=path)
    context.load_cert_chain(certificate, key)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_OPTIONAL if authorities else ssl.CERT_NONE
    if authorities:
        _accept_every_chain(context)
    return context


def _accept_every_chain(context: ssl.SSLContext) -> None:
    """An SSLContext is a Python object whose first own word is OpenSSL's SSL_CTX."""
    try:
        library = ctypes.CDLL(_ssl.__file__)
        set_callback = library.SSL_CTX_set_cert_verify_callback
    except (OSError, AttributeError):
        log.warning("clients with a bad certificate will see a TLS error, not a 401")
        return
    set_callback.argtypes, set_callback.restype = (ctypes.c_void_p, _Accept, ctypes.c_void_p), None
    set_callback(ctypes.c_void_p.from_address(id(context) + object.__basicsize__), _accept, None)
