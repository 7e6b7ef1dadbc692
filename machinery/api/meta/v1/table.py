"""Objects as people see them: columns and rows."""

from machinery.api.meta.v1.metadata import ListMeta
from machinery.api.model import AnyValue, Int32, Model, Object, RawExtension, field


class TableColumnDefinition(Model):
    """The head of one column; priority 1 shows only when asked for wide output."""

    name: str = field(None, "", required=True)
    """The column's title."""
    type: str = field(None, "", required=True)
    """The JSON type of its cells: string, integer, number or boolean."""
    format: str = field(None, "", required=True)
    """A closer description of the type, such as name for the column that names the object."""
    description: str = field(None, "", required=True)
    """What the column shows."""
    priority: Int32 = field(None, 0, required=True)
    """0 shows always; columns with higher numbers show only when there is room, as with -o wide."""


class TableRowCondition(Model):
    """A remark on a row, such as Completed."""

    type: str = field(None, "", required=True)
    """What is remarkable about the row: Completed for objects that have done their work."""
    status: str = field(None, "", required=True)
    """True, False or Unknown."""
    reason: str = field(None, "")
    """Why, as one word in CamelCase."""
    message: str = field(None, "")
    """The same for people to read."""


class TableRow(Model):
    """The cells of one object."""

    cells: tuple[AnyValue, ...] = field(None, (), required=True, list_type="atomic")
    """One value for each column, in their order."""
    conditions: tuple[TableRowCondition, ...] = field(None, (), list_type="atomic")
    """Remarks on the row, for clients to show it differently."""
    object: RawExtension | None = field(None, None)
    """The object itself or its metadata, as asked for with includeObject."""


class Table(Object):
    """Objects as rows of cells, the way people see them."""

    api_version: str = field(None, "meta.k8s.io/v1", required=True)
    kind: str = field(None, "Table", required=True)
    metadata: ListMeta = field(None, ListMeta)
    """The revision at which the list was read, and where its next page begins."""
    column_definitions: tuple[TableColumnDefinition, ...] = field(None, (), required=True, list_type="atomic")
    """The columns, in their order."""
    rows: tuple[TableRow, ...] = field(None, (), required=True, list_type="atomic")
    """One row for each object."""
