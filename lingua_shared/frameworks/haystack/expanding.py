"""A tool for agents of Haystack that returns the whole of a result that was shortened."""

from typing import Any

from haystack.core.serialization import generate_qualified_class_name
from haystack.tools.tool import Tool

from lingua_shared.agents.originals import Originals, SqliteOriginals
from lingua_shared.errors import InvalidInputError

EXPAND = "expand"
"""Name of the tool."""

_ABOUT = (
    "Return the whole text of a tool's result that was shortened. Call it with the key in the marker at the end of the "
    "result, where what you need is missing."
)
_KEY = {"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"]}
_UNKNOWN = "There is no text of this key, or no longer. Call the tool again that returned it."


class ExpandTool(Tool):
    """Returns whole results by the keys in their markers, byte for byte. `LinguaCompactor.tools` has one."""

    def __init__(self, originals: Originals, originals_file: str | None = None) -> None:
        """Use the store of a compactor, and remember its file, if it has one."""

        def expand(key: str) -> str:
            text = originals.get(key.strip().lower())
            return _UNKNOWN if text is None else text

        super().__init__(name=EXPAND, description=_ABOUT, parameters=_KEY, function=expand)
        self._file = originals_file

    def to_dict(self) -> dict[str, Any]:
        """Return the file of the store, as Haystack writes it to YAML.

        Raises:
            InvalidInputError: the store is in memory, where a tool that is loaded again would not find it.
        """
        if self._file is None:
            msg = "the tool expand cannot be written: whole results are in memory; set originals_file of the compactor"
            raise InvalidInputError(msg)
        return {"type": generate_qualified_class_name(type(self)), "data": {"originals_file": self._file}}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ExpandTool":
        """Build one from what `to_dict` returned."""
        file = str(data["data"]["originals_file"])
        return cls(SqliteOriginals(file), file)
