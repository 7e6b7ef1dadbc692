"""The drivers of this node: whoever puts a socket into <root>/plugins_registry is asked who it is.

* A socket is asked GetInfo, the driver behind it NodeGetInfo; then it is told whether it is registered.
* A socket that goes away takes its driver along. One that could not be registered is asked again.
* The kernel tells when the folder changes (inotify); gRPC is not loaded until there is a driver.
Writes what `listing` writes. Real Kubernetes: pluginmanager (its watcher and reconciler), volume/csi/csi_plugin.go.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from asyncinotify import Inotify, Mask

from kubelet.csi.listing import Listing
from machinery.api.errors import ApiError
from machinery.component.clock import Clock

if TYPE_CHECKING:
    from kubelet.csi.driver import Driver

log = logging.getLogger(__name__)

CHANGES = Mask.CREATE | Mask.MOVE | Mask.DELETE | Mask.DELETE_SELF | Mask.MOVE_SELF
AGAIN_SECONDS = 1.0
SETTLE_SECONDS = 0.05
"""A socket is in the folder before anybody listens to it."""
DEADLINE = 10.0
SERVICE = "/pluginregistration.Registration/"


class Refused(Exception):
    """Why a plugin cannot be used; it is told so."""


class Plugins:
    """Socket -> driver."""

    def __init__(
        self, root: str, listing: Listing, clock: Clock, on_driver: Callable[[], None] = lambda: None
    ) -> None:
        self._folder = Path(root) / "plugins_registry"
        self._listing = listing
        self._clock = clock
        self._on_driver = on_driver
        self._drivers: dict[Path, Driver] = {}
        self._failing = False

    def driver(self, name: str) -> Driver | None:
        return next((driver for driver in self._drivers.values() if driver.name == name), None)

    async def run(self) -> None:
        """Until cancelled."""
        await self._list_node()
        while True:
            self._folder.mkdir(parents=True, exist_ok=True)
            with Inotify(sync_timeout=0) as inotify:
                inotify.add_watch(self._folder, CHANGES | Mask.ONLYDIR)
                while self._folder.is_dir():
                    await self.look()
                    await self._change(inotify)

    async def _change(self, inotify: Inotify) -> None:
        """Returns when the folder is different, or those that failed are due again."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(AGAIN_SECONDS if self._failing else None):
                await inotify.get()
        await asyncio.sleep(SETTLE_SECONDS)
        while inotify.sync_get() is not None:
            pass

    async def _list_node(self) -> None:
        while True:
            try:
                return await self._listing.begin()
            except ApiError as error:
                log.info("CSINode: %s", error)
                await self._clock.sleep(AGAIN_SECONDS)

    async def look(self) -> None:
        """Once: who came, who went."""
        sockets = {path for path in self._folder.iterdir() if _is_socket(path)}
        self._failing = False
        for path in self._drivers.keys() - sockets:
            await self._guarded(path, self._gone(path))
        for path in sorted(sockets - self._drivers.keys()):
            await self._guarded(path, self._came(path))

    async def _guarded(self, path: Path, work: object) -> None:
        from kubelet.rpc.unix import RpcFailure

        try:
            await work  # type: ignore[misc]
        except (RpcFailure, ApiError, Refused) as error:
            self._failing = True
            log.warning("plugin %s: %s", path.name, error)

    async def _gone(self, path: Path) -> None:
        driver = self._drivers.pop(path)
        log.info("CSI driver %s is gone", driver.name)
        await self._listing.remove(driver.name)

    async def _came(self, path: Path) -> None:
        from kubelet.csi import messages
        from kubelet.rpc.unix import RpcFailure

        types = messages.registration()
        info = await _call(path, "GetInfo", types["InfoRequest"](), types["PluginInfo"])
        try:
            driver = await self._registered(path, info)
        except (Refused, RpcFailure, ApiError) as error:
            said = types["RegistrationStatus"](plugin_registered=False, error=str(error))
            await _call(path, "NotifyRegistrationStatus", said, types["RegistrationStatusResponse"])
            raise
        self._drivers[path] = driver
        said = types["RegistrationStatus"](plugin_registered=True)
        await _call(path, "NotifyRegistrationStatus", said, types["RegistrationStatusResponse"])
        log.info("CSI driver %s registered at %s", driver.name, driver.endpoint)
        self._on_driver()

    async def _registered(self, path: Path, info: object) -> Driver:
        from kubelet.csi.driver import Driver

        check(info)
        driver = Driver(info.name, info.endpoint or str(path))  # type: ignore[attr-defined]
        await self._listing.add(driver.name, await driver.info())
        return driver


def check(info: object) -> None:
    """What we can use: a CSI driver of version 1."""
    kind, versions = info.type, list(info.supported_versions)  # type: ignore[attr-defined]
    if kind != "CSIPlugin":
        raise Refused(f"no handler registered for plugin type: {kind}")
    if not any(version.removeprefix("v").partition(".")[0] == "1" for version in versions):
        raise Refused(f"none of the versions specified {versions} are supported")


async def _call(path: Path, name: str, request: object, answer: type) -> object:
    from kubelet.rpc.unix import call

    return await call(str(path), SERVICE + name, request, answer, deadline=DEADLINE)


def _is_socket(path: Path) -> bool:
    try:
        return path.suffix == ".sock" and stat.S_ISSOCK(path.stat().st_mode)
    except OSError:
        return False


