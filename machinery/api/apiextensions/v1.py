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
    desired_api_version: str = field(2, "", json="desiredAPIVersion", required=True)
    objects: tuple[RawExtension, ...] = field(3, (), required=True, list_type="atomic")


class ConversionResponse(Model):
    """The converted objects, or why there are none."""

    uid: str = field(1, "", required=True)
    converted_objects: tuple[RawExtension, ...] = field(2, (), required=True, list_type="atomic")
    result: Status = field(3, Status, required=True)


class ConversionReview(Model):
    """The envelope of a conversion webhook's question and answer."""

    api_version: str = field(None, "apiextensions.k8s.io/v1", required=True)
    kind: str = field(None, "ConversionReview", required=True)
    request: ConversionRequest | None = field(1, None)
    response: ConversionResponse | None = field(2, None)


class CustomResourceColumnDefinition(Model):
    """One column of the table that shows custom resources."""

    name: str = field(1, "", required=True)
    type: str = field(2, "", required=True)
    format: str = field(3, "")
    description: str = field(4, "")
    priority: Int32 = field(5, 0)
    json_path: str = field(6, "", required=True)


class ServiceReference(Model):
    """The Service behind which a webhook listens."""

    namespace: str = field(1, "", required=True)
    name: str = field(2, "", required=True)
    path: str | None = field(3, None)
    port: Int32 | None = field(4, None)


class WebhookClientConfig(Model):
    """How to reach a webhook."""

    url: str | None = field(3, None)
    service: ServiceReference | None = field(1, None)
    ca_bundle: Bytes = field(2, "")


class WebhookConversion(Model):
    """The webhook that converts, and the review versions that it speaks."""

    client_config: WebhookClientConfig | None = field(2, None)
    conversion_review_versions: tuple[str, ...] = field(3, (), required=True, list_type="atomic")


class CustomResourceConversion(Model):
    """How objects are turned from one version into another."""

    strategy: str = field(1, "", required=True)
    webhook: WebhookConversion | None = field(2, None)


class CustomResourceDefinitionNames(Model):
    """What the new kind is called in URLs, manifests and commands."""

    plural: str = field(1, "", required=True)
    singular: str = field(2, "")
    short_names: tuple[str, ...] = field(3, (), list_type="atomic")
    kind: str = field(4, "", required=True)
    list_kind: str = field(5, "")
    categories: tuple[str, ...] = field(6, (), list_type="atomic")


class ExternalDocumentation(Model):
    """A link to further text."""

    description: str = field(1, "")
    url: str = field(2, "")


class ValidationRule(Model):
    """A CEL expression that a value must satisfy."""

    rule: str = field(1, "", required=True)
    message: str = field(2, "")
    message_expression: str = field(3, "")
    reason: str | None = field(4, None)
    field_path: str = field(5, "")
    optional_old_self: bool | None = field(6, None)


class JSONSchemaProps(Model):
    """A JSON schema, as OpenAPI v3 knows it, with Kubernetes' extensions."""

    id: str = field(1, "")
    schema_: str = field(2, "", json="$schema")
    ref: str | None = field(3, None, json="$ref")
    description: str = field(4, "")
    type: str = field(5, "")
    format: str = field(6, "")
    title: str = field(7, "")
    default: JSONValue | None = field(8, None)
    maximum: float | None = field(9, None)
    exclusive_maximum: bool = field(10, False)
    minimum: float | None = field(11, None)
    exclusive_minimum: bool = field(12, False)
    max_length: Int64 | None = field(13, None)
    min_length: Int64 | None = field(14, None)
    pattern: str = field(15, "")
    max_items: Int64 | None = field(16, None)
    min_items: Int64 | None = field(17, None)
    unique_items: bool = field(18, False)
    multiple_of: float | None = field(19, None)
    enum: tuple[JSONValue, ...] = field(20, (), list_type="atomic")
    max_properties: Int64 | None = field(21, None)
    min_properties: Int64 | None = field(22, None)
    required: tuple[str, ...] = field(23, (), list_type="atomic")
    items: SchemaOrArray | None = field(24, None)
    all_of: "tuple[JSONSchemaProps, ...]" = field(25, (), list_type="atomic")
    one_of: "tuple[JSONSchemaProps, ...]" = field(26, (), list_type="atomic")
    any_of: "tuple[JSONSchemaProps, ...]" = field(27, (), list_type="atomic")
    not_: "JSONSchemaProps | None" = field(28, None, json="not")
    properties: "dict[str, JSONSchemaProps]" = field(29, {})
    additional_properties: SchemaOrBool | None = field(30, None)
    pattern_properties: "dict[str, JSONSchemaProps]" = field(31, {})
    dependencies: dict[str, SchemaOrStringArray] = field(32, {})
    additional_items: SchemaOrBool | None = field(33, None)
    definitions: "dict[str, JSONSchemaProps]" = field(34, {})
    external_docs: ExternalDocumentation | None = field(35, None)
    example: JSONValue | None = field(36, None)
    nullable: bool = field(37, False)
    x_kubernetes_preserve_unknown_fields: bool | None = field(38, None, json="x-kubernetes-preserve-unknown-fields")
    x_kubernetes_embedded_resource: bool = field(39, False, json="x-kubernetes-embedded-resource")
    x_kubernetes_int_or_string: bool = field(40, False, json="x-kubernetes-int-or-string")
    x_kubernetes_list_map_keys: tuple[str, ...] = field(41, (), json="x-kubernetes-list-map-keys", list_type="atomic")
    x_kubernetes_list_type: str | None = field(42, None, json="x-kubernetes-list-type")
    x_kubernetes_map_type: str | None = field(43, None, json="x-kubernetes-map-type")
    x_kubernetes_validations: tuple[ValidationRule, ...] = field(
        44, (), json="x-kubernetes-validations", merge="merge", merge_key="rule", list_type="map", list_keys=("rule",)
    )


class CustomResourceValidation(Model):
    """The schema that custom resources must satisfy."""

    open_apiv3_schema: JSONSchemaProps | None = field(1, None, json="openAPIV3Schema")


class CustomResourceSubresourceStatus(Model):
    """Marks that a custom resource has a status of its own URL."""



class CustomResourceSubresourceScale(Model):
    """Where the replicas of a custom resource are found."""

    spec_replicas_path: str = field(1, "", required=True)
    status_replicas_path: str = field(2, "", required=True)
    label_selector_path: str | None = field(3, None)


class CustomResourceSubresources(Model):
    """Which subresources a custom resource has."""

    status: CustomResourceSubresourceStatus | None = field(1, None)
    scale: CustomResourceSubresourceScale | None = field(2, None)


class SelectableField(Model):
    """A field that field selectors may name."""

    json_path: str = field(1, "", required=True)


class CustomResourceDefinitionVersion(Model):
    """One version of the new kind: schema, columns, subresources."""

    name: str = field(1, "", required=True)
    served: bool = field(2, False, required=True)
    storage: bool = field(3, False, required=True)
    deprecated: bool = field(7, False)
    deprecation_warning: str | None = field(8, None)
    schema_: CustomResourceValidation | None = field(4, None, json="schema")
    subresources: CustomResourceSubresources | None = field(5, None)
    additional_printer_columns: tuple[CustomResourceColumnDefinition, ...] = field(6, (), list_type="atomic")
    selectable_fields: tuple[SelectableField, ...] = field(9, (), list_type="atomic")


class CustomResourceDefinitionSpec(Model):
    """The group, names, scope and versions of the new kind."""

    group: str = field(1, "", required=True)
    names: CustomResourceDefinitionNames = field(3, CustomResourceDefinitionNames, required=True)
    scope: str = field(4, "", required=True)
    versions: tuple[CustomResourceDefinitionVersion, ...] = field(7, (), required=True, list_type="atomic")
    conversion: CustomResourceConversion | None = field(9, None)
    preserve_unknown_fields: bool = field(10, False)


class CustomResourceDefinitionCondition(Model):
    """One observed aspect of a definition."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_transition_time: Time | None = field(3, None)
    reason: str = field(4, "")
    message: str = field(5, "")


class CustomResourceDefinitionStatus(Model):
    """Which names were accepted and which versions are stored."""

    conditions: tuple[CustomResourceDefinitionCondition, ...] = field(
        1, (), required=True, optional=True, list_type="map", list_keys=("type",)
    )
    accepted_names: CustomResourceDefinitionNames = field(
        2, CustomResourceDefinitionNames, required=True, optional=True
    )
    stored_versions: tuple[str, ...] = field(3, (), required=True, optional=True, list_type="atomic")


class CustomResourceDefinition(Object):
    """A new kind of object, defined by its users."""

    api_version: str = field(None, "apiextensions.k8s.io/v1", required=True)
    kind: str = field(None, "CustomResourceDefinition", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: CustomResourceDefinitionSpec = field(2, CustomResourceDefinitionSpec, required=True)
    status: CustomResourceDefinitionStatus = field(3, CustomResourceDefinitionStatus)
