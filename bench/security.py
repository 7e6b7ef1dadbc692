"""What security costs a request: thousands of role bindings, priority and fairness, all the admission plugins.

Each figure is the processor time of two servers beside each other on one core and one etcd, which take turns; the one
without is the floor of the one with. Command: `.venv/bin/python -m bench.security [bindings] [fairness] [admission]`.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bench.apiserver import sample
from bench.apiserver.figures import Figures, run
from bench.apiserver.site import PODS, Measured, Site, Target
from bench.figures import show
from tests.support.apiserver import ApiServer

ROUNDS, SECONDS = 5, 2.0
BINDINGS = 5000
RBAC = "/apis/rbac.authorization.k8s.io/v1"
VIEW = "system:aggregate-to-view"
"""`view` itself has no rules before a controller has put them together."""
PLUGINS = (
    "NamespaceLifecycle", "LimitRanger", "ServiceAccount", "NodeRestriction", "TaintNodesByCondition",
    "AlwaysPullImages", "PodSecurity", "StorageObjectInUseProtection",
    "Priority", "PriorityClassRules", "DefaultTolerationSeconds", "EventRateLimit", "DefaultStorageClass",
    "OwnerReferencesPermissionEnforcement", "PersistentVolumeClaimResize", "RuntimeClass", "CertificateApproval",
    "CertificateSigning", "CertificateSubjectRestriction", "DefaultIngressClass", "MutatingAdmissionWebhook",
    "ValidatingAdmissionPolicy", "ValidatingAdmissionWebhook", "ResourceQuota",
)  # fmt: skip
OPTIONAL = ("NodeRestriction", "AlwaysPullImages", "EventRateLimit", "OwnerReferencesPermissionEnforcement")


# --- figures


async def bindings(here: Site) -> None:
    """A reader's GET before and after thousands of bindings that have nothing to do with it."""
    reader = certificate(here, "reader", "readers")
    async with server(here) as api:
        await give(api, here, "reader", VIEW)
        await api.ask(PODS, concurrency=1, requests=1, body=here.body("one.json", sample.pod(name="web")))
        target = Target(api.url, api.pid, reader)
        few = await spent(target, f"{PODS}/web")
        row = {"metadata": {"generateName": "other-"}, "roleRef": role(VIEW), "subjects": [user("somebody-else")]}
        body = here.body("binding.json", json.dumps(row).encode())
        place = f"{RBAC}/namespaces/default/rolebindings"
        await api.ask(place, concurrency=16, requests=BINDINGS, body=body)
        many = await spent(target, f"{PODS}/web")
    show("processor time of a GET with 1 RoleBinding", few, "µs")
    show(f"processor time of a GET with {BINDINGS} RoleBindings", many, "µs", ceiling=round(few, 1))
    show(f"{BINDINGS} RoleBindings, as a multiple of one", many / few, "×", bound=1.1)


async def fairness(here: Site) -> None:
    """A GET by somebody who is not exempt, with priority and fairness and without."""
    reader = certificate(here, "reader", "readers")
    async with server(here, "--enable-priority-and-fairness=false") as plain, server(here) as fair:
        await give(plain, here, "reader", VIEW)
        await plain.ask(PODS, concurrency=1, requests=1, body=here.body("one.json", sample.pod(name="web")))
        targets = [Target(each.url, each.pid, reader) for each in (plain, fair)]
        without, with_it = await in_turns(targets, lambda each: each.ask(f"{PODS}/web", concurrency=8, seconds=SECONDS))
    beside("GET", "priority and fairness", without, with_it, bound=10)


async def admission(here: Site) -> None:
    """A create of a pod past every plugin, in a namespace with a limit range and a standard, and past none."""
    everything, nothing = ",".join(OPTIONAL), ",".join(PLUGINS)
    async with (
        server(here, f"--disable-admission-plugins={nothing}") as bare,
        server(here, f"--enable-admission-plugins={everything}") as full,
    ):
        await asyncio.to_thread(restrict, here, full.url)
        body = here.body("many.json", sample.pod(generateName="web-"))
        without, with_it = await in_turns(
            [bare, full], lambda each: each.ask(PODS, concurrency=8, seconds=SECONDS, body=body)
        )
    beside("create", f"{len(PLUGINS)} admission plugins", without, with_it, bound=300)


FIGURES: Figures = {"bindings": bindings, "fairness": fairness, "admission": admission}


# --- how


@asynccontextmanager
async def server(here: Site, *flags: str) -> AsyncIterator[Target]:
    """One more API server on this etcd."""
    here.api = ApiServer(here.folder, *flags, etcd=here.etcd, authority=here.authority, accounts=True)
    async with here.api_server() as target:
        yield target


def certificate(here: Site, name: str, group: str) -> Path:
    """What the generator shows for somebody who is no administrator."""
    pair, file = here.authority.issue(name, organization=group), here.folder / f"{name}.pem"
    file.write_bytes(pair.cert.read_bytes() + pair.key.read_bytes())
    return file


def role(name: str) -> dict[str, str]:
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}


def user(name: str) -> dict[str, str]:
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}


async def give(api: Target, here: Site, name: str, cluster_role: str) -> None:
    row = {"metadata": {"generateName": f"{name}-"}, "roleRef": role(cluster_role), "subjects": [user(name)]}
    body = here.body("give.json", json.dumps(row).encode())
    await api.ask(f"{RBAC}/namespaces/default/rolebindings", concurrency=1, requests=1, body=body)


def restrict(here: Site, url: str) -> None:
    """What the plugins have to look at: defaults of a LimitRange, a standard to enforce and one to warn of."""
    limits = {"type": "Container", "default": {"cpu": "1"}, "max": {"cpu": "4"}}
    row = {"metadata": {"name": "l"}, "spec": {"limits": [limits]}}
    send(here, f"{url}/api/v1/namespaces/default/limitranges", row)
    prefix = "pod-security.kubernetes.io"
    labels = {f"{prefix}/enforce": "baseline", f"{prefix}/audit": "baseline"}
    send(here, f"{url}/api/v1/namespaces/default", {"metadata": {"labels": labels}}, method="PATCH")


def send(here: Site, url: str, document: dict, *, method: str = "POST") -> None:
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    body = json.dumps(document).encode()
    request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": kind})
    urllib.request.urlopen(request, context=here.context()).close()


async def spent(target: Target, path: str) -> float:
    """The median processor time of a GET, in µs."""
    target.measured = Measured([], [])
    for _ in range(ROUNDS):
        await target.ask(path, concurrency=8, seconds=SECONDS)
    return statistics.median(target.measured.micros)


async def in_turns(targets: list[Target], ask: Callable[[Target], Awaitable[object]]) -> list[list[float]]:
    """The processor times of each in every round, after one round for nothing."""
    for number in range(ROUNDS + 1):
        for target in targets:
            if number == 1:
                target.measured = Measured([], [])
            await ask(target)
    return [target.measured.micros for target in targets]


def beside(request: str, what: str, without: list[float], with_it: list[float], *, bound: float) -> None:
    """Both, and the median of what one round took more than the other."""
    floor, whole = statistics.median(without), statistics.median(with_it)
    more = statistics.median(late - early for early, late in zip(without, with_it, strict=True))
    show(f"processor time of a {request} without {what}", floor, "µs")
    show(f"processor time of a {request} with {what}", whole, "µs", ceiling=round(floor, 1))
    show(f"what {what} add to a {request}", more, "µs", bound=bound, ratio=round(whole / floor, 3))


if __name__ == "__main__":
    run(FIGURES)
