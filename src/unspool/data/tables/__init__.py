"""Tables of people's own: read in chunks, each flaw told with its place, and written whole or not at all."""

from unspool.data.tables.problems import Problem, Reason
from unspool.data.tables.table import Chunk, Table, read_table
from unspool.data.tables.writing import write_table

__all__ = ["Chunk", "Problem", "Reason", "Table", "read_table", "write_table"]
