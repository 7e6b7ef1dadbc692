"""The scheme: one row per resource that we serve, and the ways between kind, class and URL.

Pure data plus look-ups. Follows k8s.io/apimachinery `runtime.Scheme` and `meta.RESTMapper`. A new kind is a class in
its group's module, a row here, and a strategy in the API server; nothing else knows its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from machinery.api.model import Model

STANDARD_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


class NotRegistered(KeyError):
    """No row for this kind, resource or class."""


@dataclass(frozen=True, slots=True)
class Subresource:
    """A part of an object with a URL of its own. kind: "autoscaling/v1/Scale"; "" for the parent's own kind."""

    name: str
    verbs: tuple[str, ...]
    kind: str = ""

    @property
    def connects(self) -> bool:
        """Whether it leads on to somewhere else; its kind is then that of its query parameters."""
        return self.kind.endswith("Options")


STATUS = Subresource("status", ("get", "patch", "update"))
CREATE = ("create",)
CONNECT = ("create", "get")
PROXY = ("create", "delete", "get", "patch", "update")
EXTENSIONS = ("api-extensions",)
SCALE = Subresource("scale", ("get", "patch", "update"), "autoscaling/v1/Scale")


@dataclass(frozen=True, slots=True)
class Resource:
    """A collection at a URL and the kind that lives in it."""

    group: str
    version: str
    kind: str
    plural: str
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    namespaced: bool = True
    verbs: tuple[str, ...] = STANDARD_VERBS
    subresources: tuple[Subresource, ...] = ()

    @property
    def singular(self) -> str:
        """What a person types for one of them: `pod`."""
        return self.kind.lower()

    @property
    def patches(self) -> tuple[str, ...]:
        """The media types of patches, where not all are taken."""
        return ()

    @property
    def list_kind(self) -> str:
        """What a list of them says as its kind."""
        return f"{self.kind}List"

    @property
    def api_version(self) -> str:
        """`v1` or `apps/v1`, as manifests say it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """`pods` or `deployments.apps`, as messages and `type.group` arguments say it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def root(self) -> str:
        """The URL of the group and version: `/api/v1` or `/apis/apps/v1`."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    @property
    def model(self) -> type[Model]:
        """The class of the kind; its module is loaded on first use."""
        return model_of(self.group, self.version, self.kind)

    def subresource(self, name: str) -> Subresource | None:
        """The row of one subresource, if this resource has it."""
        return next((part for part in self.subresources if part.name == name), None)

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """`/api/v1/namespaces/default/pods/web/status`; without a name the collection, without a namespace all."""
        scope = f"namespaces/{namespace}" if namespace and self.namespaced else ""
        return "/".join(part for part in (self.root, scope, self.plural, name, subresource) if part)


RESOURCES = (
    Resource("", "v1", "Binding", "bindings", verbs=("create",)),
    Resource(
        "", "v1", "ComponentStatus", "componentstatuses", ("cs",), namespaced=False, verbs=("get", "list")
    ),
    Resource("", "v1", "ConfigMap", "configmaps", ("cm",)),
    Resource("", "v1", "Endpoints", "endpoints", ("ep",)),
    Resource("", "v1", "Event", "events", ("ev",)),
    Resource("", "v1", "LimitRange", "limitranges", ("limits",)),
    Resource(
        "", "v1", "Namespace", "namespaces", ("ns",),
        namespaced=False,
        verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
        subresources=(Subresource("finalize", ("update",)), STATUS),
    ),
    Resource(
        "", "v1", "Node", "nodes", ("no",),
        namespaced=False,
        subresources=(Subresource("proxy", PROXY, "v1/NodeProxyOptions"), STATUS),
    ),
    Resource("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", ("pvc",), subresources=(STATUS,)),
    Resource("", "v1", "PersistentVolume", "persistentvolumes", ("pv",), namespaced=False, subresources=(STATUS,)),
    Resource(
        "", "v1", "Pod", "pods", ("po",), ("all",),
        subresources=(
            Subresource("attach", CONNECT, "v1/PodAttachOptions"),
            Subresource("binding", ("create",), "v1/Binding"),
            Subresource("ephemeralcontainers", STATUS.verbs),
            Subresource("eviction", ("create",), "policy/v1/Eviction"),
            Subresource("exec", CONNECT, "v1/PodExecOptions"),
            Subresource("log", ("get",)),
            Subresource("portforward", CONNECT, "v1/PodPortForwardOptions"),
            Subresource("proxy", PROXY, "v1/PodProxyOptions"),
            Subresource("resize", STATUS.verbs),
            STATUS,
        ),
    ),
    Resource("", "v1", "PodTemplate", "podtemplates"),
    Resource(
        "", "v1", "ReplicationController", "replicationcontrollers", ("rc",), ("all",), subresources=(SCALE, STATUS)
    ),
    Resource("", "v1", "ResourceQuota", "resourcequotas", ("quota",), subresources=(STATUS,)),
    Resource("", "v1", "Secret", "secrets"),
    Resource(
        "", "v1", "ServiceAccount", "serviceaccounts", ("sa",),
        subresources=(Subresource("token", CREATE, "authentication.k8s.io/v1/TokenRequest"),),
    ),
    Resource(
        "", "v1", "Service", "services", ("svc",), ("all",),
        subresources=(Subresource("proxy", PROXY, "v1/ServiceProxyOptions"), STATUS),
    ),
    Resource("apps", "v1", "ControllerRevision", "controllerrevisions"),
    Resource("apps", "v1", "DaemonSet", "daemonsets", ("ds",), ("all",), subresources=(STATUS,)),
    Resource("apps", "v1", "Deployment", "deployments", ("deploy",), ("all",), subresources=(SCALE, STATUS)),
    Resource("apps", "v1", "ReplicaSet", "replicasets", ("rs",), ("all",), subresources=(SCALE, STATUS)),
    Resource("apps", "v1", "StatefulSet", "statefulsets", ("sts",), ("all",), subresources=(SCALE, STATUS)),
    Resource(
        "autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", ("hpa",), ("all",),
        subresources=(STATUS,),
    ),
    Resource(
        "autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", ("hpa",), ("all",),
        subresources=(STATUS,),
    ),
    Resource("batch", "v1", "CronJob", "cronjobs", ("cj",), ("all",), subresources=(STATUS,)),
    Resource("batch", "v1", "Job", "jobs", (), ("all",), subresources=(STATUS,)),
    Resource("coordination.k8s.io", "v1", "Lease", "leases"),
    Resource("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
    Resource("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", ("pdb",), subresources=(STATUS,)),
    Resource("events.k8s.io", "v1", "Event", "events", ("ev",)),
    Resource("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", namespaced=False, verbs=CREATE),
    Resource("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", namespaced=False, verbs=CREATE),
    Resource("authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", verbs=CREATE),
    Resource(
        "authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews",
        namespaced=False, verbs=CREATE,
    ),
    Resource(
        "authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews",
        namespaced=False, verbs=CREATE,
    ),
    Resource(
        "authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", namespaced=False, verbs=CREATE
    ),
    Resource(
        "certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", ("csr",),
        namespaced=False, subresources=(Subresource("approval", STATUS.verbs), STATUS),
    ),
    Resource("networking.k8s.io", "v1", "IngressClass", "ingressclasses", namespaced=False),
    Resource("networking.k8s.io", "v1", "Ingress", "ingresses", ("ing",), subresources=(STATUS,)),
    Resource("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", ("netpol",)),
    Resource("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", namespaced=False),
    Resource("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", namespaced=False),
    Resource("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"),
    Resource("rbac.authorization.k8s.io", "v1", "Role", "roles"),
    Resource("storage.k8s.io", "v1", "CSIDriver", "csidrivers", namespaced=False),
    Resource("storage.k8s.io", "v1", "CSINode", "csinodes", namespaced=False),
    Resource("storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities"),
    Resource("storage.k8s.io", "v1", "StorageClass", "storageclasses", ("sc",), namespaced=False),
    Resource(
        "storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", namespaced=False, subresources=(STATUS,)
    ),
    Resource(
        "admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations",
        categories=EXTENSIONS, namespaced=False,
    ),
    Resource(
        "admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies",
        categories=EXTENSIONS, namespaced=False, subresources=(STATUS,),
    ),
    Resource(
        "admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings",
        categories=EXTENSIONS, namespaced=False,
    ),
    Resource(
        "admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations",
        categories=EXTENSIONS, namespaced=False,
    ),
    Resource("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", ("pc",), namespaced=False),
    Resource("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", namespaced=False),
    Resource(
        "flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas", namespaced=False, subresources=(STATUS,)
    ),
    Resource(
        "flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations",
        namespaced=False, subresources=(STATUS,),
    ),
    Resource(
        "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", ("crd", "crds"),
        EXTENSIONS, namespaced=False, subresources=(STATUS,),
    ),
    Resource(
        "apiregistration.k8s.io", "v1", "APIService", "apiservices",
        categories=EXTENSIONS, namespaced=False, subresources=(STATUS,),
    ),
)  # fmt: skip

_BY_KIND = {(row.api_version, row.kind): row for row in RESOURCES}
_BY_PLURAL = {(row.group, row.version, row.plural): row for row in RESOURCES}


def resources() -> tuple[Resource, ...]:
    """Every row, in the order of discovery."""
    return RESOURCES


def for_kind(api_version: str, kind: str) -> Resource:
    """The row of `apps/v1`, `Deployment`. Raises NotRegistered."""
    return _row(_BY_KIND, (api_version, kind))


def for_resource(group: str, version: str, plural: str) -> Resource:
    """The row behind a URL. Raises NotRegistered."""
    return _row(_BY_PLURAL, (group, version, plural))


@cache
def for_model(model: type[Model]) -> Resource:
    """The row of a class; one that was made for a kind of unknown form brings its own. Raises NotRegistered."""
    if "row" in vars(model):
        return model.row
    package, version = model.__module__.split(".")[2:4]
    for row in RESOURCES:
        if (_package(row.group), row.version, row.kind) == (package, version, model.__name__):
            return row
    raise NotRegistered(model.__name__)


def resource_named(name: str) -> list[Resource]:
    """What a person may mean by `po`, `pod`, `Pods` or `deployments.apps`: every matching row, core group first."""
    plain, _, group = name.lower().partition(".")
    return [row for row in RESOURCES if plain in _names(row) and (not group or group in _groups(row))]


@cache
def model_of(group: str, version: str, kind: str) -> type[Model]:
    """The class of a kind, registered as a resource or not (Scale). Raises NotRegistered.

    What all groups share belongs to each of them: `autoscaling/v2` has DeleteOptions too.
    """
    for module in (f"{_package(group)}.{version}", "meta.v1"):
        try:
            return getattr(import_module(f"machinery.api.{module}"), kind)
        except (ImportError, AttributeError):
            continue
    raise NotRegistered(f"{group}/{version} {kind}")


def _names(row: Resource) -> tuple[str, ...]:
    return (row.plural, row.singular, *row.short_names)


def _groups(row: Resource) -> tuple[str, ...]:
    return (row.group, f"{row.version}.{row.group}")


def _package(group: str) -> str:
    """`machinery.api.discovery` holds `discovery.k8s.io`; the legacy group is `core`."""
    return group.split(".")[0] or "core"


def _row(table: dict, key: tuple) -> Resource:
    try:
        return table[key]
    except KeyError:
        raise NotRegistered(" ".join(key)) from None
