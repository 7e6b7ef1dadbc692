"""Questions to the labels and fields of objects."""

from typing import ClassVar

from machinery.api.model import Model, field


class FieldSelectorRequirement(Model):
    """One requirement on a field, as authorization requests carry it."""

    key: str = field(1, "", required=True)
    """The field's path, such as spec.nodeName."""
    operator: str = field(2, "", required=True)
    """In, NotIn, Exists or DoesNotExist."""
    values: tuple[str, ...] = field(3, (), list_type="atomic")
    """For In and NotIn at least one; else none."""


class LabelSelectorRequirement(Model):
    """One expression of a selector: key, In, NotIn, Exists or DoesNotExist, values."""

    key: str = field(1, "", required=True)
    """The label's key."""
    operator: str = field(2, "", required=True)
    """In, NotIn, Exists or DoesNotExist."""
    values: tuple[str, ...] = field(3, (), list_type="atomic")
    """For In and NotIn at least one; else none."""


class LabelSelector(Model):
    """A question to labels: every pair of matchLabels and every expression must hold."""

    atomic: ClassVar[bool] = True
    match_labels: dict[str, str] = field(1, {})
    """Labels that must all be there with just these values."""
    match_expressions: tuple[LabelSelectorRequirement, ...] = field(2, (), list_type="atomic")
    """Expressions that must all hold."""
