"""CustomResourceDefinition (k8s.io/apiextensions-apiserver)."""

from machinery.api.meta.v1 import ObjectMeta, Status
from machinery.api.model import (
    Bytes,
    Int32,
    Int64,
    JSONValue,
    Model,
    Object,
    RawExtension,
    SchemaOrArray,
    SchemaOrBool,
    SchemaOrStringArray,
    Time,
    field,
)


class ConversionRequest(Model):
    """Objects that a conversion webhook shall turn into another version."""

    uid: str = field(1, "", required=True)
    """The id of this question; the answer repeats it."""
    desired_api_version: str = field(2, "", json="desiredAPIVersion", required=True)
    """The group and version that the objects shall have, such as example.com/v1."""
    objects: tuple[RawExtension, ...] = field(3, (), required=True, list_type="atomic")
    """The objects to convert."""


class ConversionResponse(Model):
    """The converted objects, or why there are none."""

    uid: str = field(1, "", required=True)
    """The id of the question."""
    converted_objects: tuple[RawExtension, ...] = field(2, (), required=True, list_type="atomic")
    """The objects in the version asked for, in the same order; empty if it failed."""
    result: Status = field(3, Status, required=True)
    """Success, or Failure with a message for the user."""


class ConversionReview(Model):
    """The envelope of a conversion webhook's question and answer."""

    api_version: str = field(None, "apiextensions.k8s.io/v1", required=True)
    kind: str = field(None, "ConversionReview", required=True)
    request: ConversionRequest | None = field(1, None)
    """The server's question."""
    response: ConversionResponse | None = field(2, None)
    """The webhook's answer."""


class CustomResourceColumnDefinition(Model):
    """One column of the table that shows custom resources."""

    name: str = field(1, "", required=True)
    """The column's heading."""
    type: str = field(2, "", required=True)
    """integer, number, string, boolean or date."""
    format: str = field(3, "")
    """A hint for clients, such as int64; name marks the column that holds the object's name."""
    description: str = field(4, "")
    """What the column shows, for people to read."""
    priority: Int32 = field(5, 0)
    """0 shows it always, more only in wide tables. Default 0."""
    json_path: str = field(6, "", required=True)
    """Where the value stands in the object, such as .spec.replicas."""


class ServiceReference(Model):
    """The Service behind which a webhook listens."""

    namespace: str = field(1, "", required=True)
    """The service's namespace."""
    name: str = field(2, "", required=True)
    """The service's name."""
    path: str | None = field(3, None)
    """The path of the URL."""
    port: Int32 | None = field(4, None)
    """The port that speaks HTTPS. Default 443."""


class WebhookClientConfig(Model):
    """How to reach a webhook."""

    url: str | None = field(3, None)
    """An https URL without user, query or fragment. Set this or service."""
    service: ServiceReference | None = field(1, None)
    """A service of this cluster. Set this or url."""
    ca_bundle: Bytes = field(2, "")
    """The certificate authorities, as PEM, that vouch for the webhook; those of the system if not said."""


class WebhookConversion(Model):
    """The webhook that converts, and the review versions that it speaks."""

    client_config: WebhookClientConfig | None = field(2, None)
    """Where the webhook listens."""
    conversion_review_versions: tuple[str, ...] = field(3, (), required=True, list_type="atomic")
    """The versions of ConversionReview it understands; the first that the server knows too is used."""


class CustomResourceConversion(Model):
    """How objects are turned from one version into another."""

    strategy: str = field(1, "", required=True)
    """None (the default) only changes apiVersion; Webhook leaves it to a webhook."""
    webhook: WebhookConversion | None = field(2, None)
    """The webhook to ask. Required with the strategy Webhook, else forbidden."""


class CustomResourceDefinitionNames(Model):
    """What the new kind is called in URLs, manifests and commands."""

    plural: str = field(1, "", required=True)
    """The name in URLs, in small letters: /apis/GROUP/VERSION/.../PLURAL."""
    singular: str = field(2, "")
    """The name that commands take too; the kind in small letters if not said."""
    short_names: tuple[str, ...] = field(3, (), list_type="atomic")
    """Short forms for commands, such as po for pods."""
    kind: str = field(4, "", required=True)
    """What objects say as their kind, in CamelCase and singular."""
    list_kind: str = field(5, "")
    """What lists say as their kind; the kind with List behind it if not said."""
    categories: tuple[str, ...] = field(6, (), list_type="atomic")
    """Words that stand for several kinds at once: with all, kubectl get all shows these too."""


class ExternalDocumentation(Model):
    """A link to further text."""

    description: str = field(1, "")
    """What is found there."""
    url: str = field(2, "")
    """The link."""


class ValidationRule(Model):
    """A CEL expression that a value must satisfy."""

    rule: str = field(1, "", required=True)
    """CEL that must be true; self is the value here, oldSelf the one before an update."""
    message: str = field(2, "")
    """What the user reads if it is false; required if the rule has several lines."""
    message_expression: str = field(3, "")
    """CEL that makes the message; if it fails, or gives nothing, message is used."""
    reason: str | None = field(4, None)
    """FieldValueInvalid (the default), FieldValueForbidden, FieldValueRequired or FieldValueDuplicate."""
    field_path: str = field(5, "")
    """The field to name in the error, relative to this one, such as .foo.bar."""
    optional_old_self: bool | None = field(6, None)
    """Whether rules with oldSelf also apply at a create; oldSelf may then be missing. Default false."""


class JSONSchemaProps(Model):
    """A JSON schema, as OpenAPI v3 knows it, with Kubernetes' extensions."""

    id: str = field(1, "")
    """A name for this schema; not supported."""
    schema_: str = field(2, "", json="$schema")
    """Which dialect of JSON schema this is; not supported."""
    ref: str | None = field(3, None, json="$ref")
    """A schema that stands elsewhere; not supported."""
    description: str = field(4, "")
    """What the value means, shown by kubectl explain."""
    type: str = field(5, "")
    """string, integer, number, boolean, array or object."""
    format: str = field(6, "")
    """What the value must look like: date-time, int32, ipv4, uuid, byte … Unknown ones are passed over."""
    title: str = field(7, "")
    """A heading for people."""
    default: JSONValue | None = field(8, None)
    """Filled in where the value is missing."""
    maximum: float | None = field(9, None)
    """The number may not be above this."""
    exclusive_maximum: bool = field(10, False)
    """Whether it must be below the maximum, not equal to it."""
    minimum: float | None = field(11, None)
    """The number may not be below this."""
    exclusive_minimum: bool = field(12, False)
    """Whether it must be above the minimum, not equal to it."""
    max_length: Int64 | None = field(13, None)
    """How many characters a text may have at most."""
    min_length: Int64 | None = field(14, None)
    """How many characters a text must have at least."""
    pattern: str = field(15, "")
    """A regular expression that must match some part of the text."""
    max_items: Int64 | None = field(16, None)
    """How many items a list may have at most."""
    min_items: Int64 | None = field(17, None)
    """How many items a list must have at least."""
    unique_items: bool = field(18, False)
    """Whether items must differ; true is not supported, x-kubernetes-list-type set does the same."""
    multiple_of: float | None = field(19, None)
    """The number must be this or a multiple of it."""
    enum: tuple[JSONValue, ...] = field(20, (), list_type="atomic")
    """The only values that will do."""
    max_properties: Int64 | None = field(21, None)
    """How many entries an object may have at most."""
    min_properties: Int64 | None = field(22, None)
    """How many entries an object must have at least."""
    required: tuple[str, ...] = field(23, (), list_type="atomic")
    """Fields that may not be missing."""
    items: SchemaOrArray | None = field(24, None)
    """The schema of each item of a list."""
    all_of: "tuple[JSONSchemaProps, ...]" = field(25, (), list_type="atomic")
    """Schemas that must all match."""
    one_of: "tuple[JSONSchemaProps, ...]" = field(26, (), list_type="atomic")
    """Schemas of which exactly one must match."""
    any_of: "tuple[JSONSchemaProps, ...]" = field(27, (), list_type="atomic")
    """Schemas of which at least one must match."""
    not_: "JSONSchemaProps | None" = field(28, None, json="not")
    """A schema that must not match."""
    properties: "dict[str, JSONSchemaProps]" = field(29, {})
    """The schemas of an object's fields. Fields not mentioned are dropped."""
    additional_properties: SchemaOrBool | None = field(30, None)
    """The schema of all values of a map with free keys. Not together with properties."""
    pattern_properties: "dict[str, JSONSchemaProps]" = field(31, {})
    """Schemas of fields whose names match a pattern; not supported."""
    dependencies: dict[str, SchemaOrStringArray] = field(32, {})
    """What must be there when a field is there; not supported."""
    additional_items: SchemaOrBool | None = field(33, None)
    """The schema of items beyond those listed one by one; not supported."""
    definitions: "dict[str, JSONSchemaProps]" = field(34, {})
    """Schemas for others to point to; not supported."""
    external_docs: ExternalDocumentation | None = field(35, None)
    """Where to read more."""
    example: JSONValue | None = field(36, None)
    """An example for people."""
    nullable: bool = field(37, False)
    """Whether the value may be null; else null becomes the default or, without one, is refused. Default false."""
    x_kubernetes_preserve_unknown_fields: bool | None = field(38, None, json="x-kubernetes-preserve-unknown-fields")
    """If true, fields that no schema mentions are kept, from here down to the next properties."""
    x_kubernetes_embedded_resource: bool = field(39, False, json="x-kubernetes-embedded-resource")
    """Whether this is an object with apiVersion, kind and metadata of its own. Default false."""
    x_kubernetes_int_or_string: bool = field(40, False, json="x-kubernetes-int-or-string")
    """Whether the value may be an integer or a text. Then type may be left out. Default false."""
    x_kubernetes_list_map_keys: tuple[str, ...] = field(41, (), json="x-kubernetes-list-map-keys", list_type="atomic")
    """The fields that tell items of a map list apart; required for it, else forbidden."""
    x_kubernetes_list_type: str | None = field(42, None, json="x-kubernetes-list-type")
    """atomic (the default), set of values that differ, or map of items by key: who owns what in an apply."""
    x_kubernetes_map_type: str | None = field(43, None, json="x-kubernetes-map-type")
    """granular (the default), each entry with its own owner, or atomic, all entries with one."""
    x_kubernetes_validations: tuple[ValidationRule, ...] = field(
        44, (), json="x-kubernetes-validations", merge="merge", merge_key="rule", list_type="map", list_keys=("rule",)
    )
    """CEL rules for this value."""


class CustomResourceValidation(Model):
    """The schema that custom resources must satisfy."""

    open_apiv3_schema: JSONSchemaProps | None = field(1, None, json="openAPIV3Schema")
    """The schema of the whole object. It must give every field's type."""


class CustomResourceSubresourceStatus(Model):
    """Marks that a custom resource has a status of its own URL."""



class CustomResourceSubresourceScale(Model):
    """Where the replicas of a custom resource are found."""

    spec_replicas_path: str = field(1, "", required=True)
    """Where the wanted number stands, under .spec: .spec.replicas."""
    status_replicas_path: str = field(2, "", required=True)
    """Where the present number stands, under .status: .status.replicas."""
    label_selector_path: str | None = field(3, None)
    """Where the pods' labels stand as text, under .status or .spec. An autoscaler needs it."""


class CustomResourceSubresources(Model):
    """Which subresources a custom resource has."""

    status: CustomResourceSubresourceStatus | None = field(1, None)
    """{} gives /status a URL of its own: then only writes there change .status."""
    scale: CustomResourceSubresourceScale | None = field(2, None)
    """Gives /scale a URL, for kubectl scale and autoscalers."""


class SelectableField(Model):
    """A field that field selectors may name."""

    json_path: str = field(1, "", required=True)
    """Where the field stands, such as .spec.color: a string, integer or boolean, and not in a list."""


class CustomResourceDefinitionVersion(Model):
    """One version of the new kind: schema, columns, subresources."""

    name: str = field(1, "", required=True)
    """The version, such as v1beta1 or v1; it becomes part of the URL."""
    served: bool = field(2, False, required=True)
    """Whether the API offers it."""
    storage: bool = field(3, False, required=True)
    """Whether objects are stored in it: exactly one version must say so."""
    deprecated: bool = field(7, False)
    """Whether clients that use it are warned. Default false."""
    deprecation_warning: str | None = field(8, None)
    """The warning's text, at most 256 characters; one is made up if not said."""
    schema_: CustomResourceValidation | None = field(4, None, json="schema")
    """What objects of this version must look like."""
    subresources: CustomResourceSubresources | None = field(5, None)
    """Its status and scale."""
    additional_printer_columns: tuple[CustomResourceColumnDefinition, ...] = field(6, (), list_type="atomic")
    """Columns for kubectl get, after the name. Default: the age."""
    selectable_fields: tuple[SelectableField, ...] = field(9, (), list_type="atomic")
    """At most 8, besides metadata.name and metadata.namespace."""


class CustomResourceDefinitionSpec(Model):
    """The group, names, scope and versions of the new kind."""

    group: str = field(1, "", required=True)
    """The API group, such as example.com. The definition's name must be PLURAL.GROUP."""
    names: CustomResourceDefinitionNames = field(3, CustomResourceDefinitionNames, required=True)
    """No other kind of the group may have them."""
    scope: str = field(4, "", required=True)
    """Cluster, or Namespaced for objects inside namespaces. It cannot be changed."""
    versions: tuple[CustomResourceDefinitionVersion, ...] = field(7, (), required=True, list_type="atomic")
    """The versions of the kind, each with its schema; the stored one is among them."""
    conversion: CustomResourceConversion | None = field(9, None)
    """What to do when a client and the storage use different versions; strategy None if not said."""
    preserve_unknown_fields: bool = field(10, False)
    """The old way to keep fields that no schema mentions; must be false here."""


class CustomResourceDefinitionCondition(Model):
    """One observed aspect of a definition."""

    type: str = field(1, "", required=True)
    """Established, NamesAccepted, NonStructuralSchema, Terminating or KubernetesAPIApprovalPolicyConformant."""
    status: str = field(2, "", required=True)
    """True, False or Unknown."""
    last_transition_time: Time | None = field(3, None)
    """When the status last changed from one value to another."""
    reason: str = field(4, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(5, "")
    """The same for people to read."""


class CustomResourceDefinitionStatus(Model):
    """Which names were accepted and which versions are stored."""

    conditions: tuple[CustomResourceDefinitionCondition, ...] = field(
        1, (), required=True, optional=True, list_type="map", list_keys=("type",)
    )
    """Whether the names were free and the kind is served."""
    accepted_names: CustomResourceDefinitionNames = field(
        2, CustomResourceDefinitionNames, required=True, optional=True
    )
    """The names that are in use; they may differ from spec.names if those were taken."""
    stored_versions: tuple[str, ...] = field(3, (), required=True, optional=True, list_type="atomic")
    """Versions in which objects were ever stored; to drop one, convert its objects and strike it here first."""


class CustomResourceDefinition(Object):
    """A new kind of object, defined by its users."""

    api_version: str = field(None, "apiextensions.k8s.io/v1", required=True)
    kind: str = field(None, "CustomResourceDefinition", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: CustomResourceDefinitionSpec = field(2, CustomResourceDefinitionSpec, required=True)
    """The kind: its names, versions and schemas."""
    status: CustomResourceDefinitionStatus = field(3, CustomResourceDefinitionStatus)
    """Whether it is served."""
