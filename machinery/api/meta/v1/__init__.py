"""What all kinds share (`meta/v1` of k8s.io/apimachinery), one file per topic, loaded on demand."""

from machinery.api.topics import on_demand

_TOPICS = {
    "discovery": (
        "APIGroup APIGroupList APIResource APIResourceList APIVersions GroupKind GroupResource GroupVersion "
        "GroupVersionForDiscovery GroupVersionKind GroupVersionResource RootPaths ServerAddressByClientCIDR "
    ),
    "metadata": (
        "Condition ListMeta ManagedFieldsEntry ObjectMeta OwnerReference PartialObjectMetadata "
        "PartialObjectMetadataList "
    ),
    "options": (
        "ApplyOptions CreateOptions DeleteOptions GetOptions ListOptions PatchOptions Preconditions "
        "TableOptions UpdateOptions "
    ),
    "selector": "FieldSelectorRequirement LabelSelectorRequirement LabelSelector",
    "status": "StatusCause StatusDetails Status WatchEvent",
    "table": "TableColumnDefinition TableRowCondition TableRow Table",
}
__getattr__, __dir__ = on_demand(__name__, _TOPICS)
