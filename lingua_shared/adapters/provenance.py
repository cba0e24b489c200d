"""Provenance: the record of what was kept of a passage, which the adapters write into metadata. Imports no framework.

Prompt templates print metadata. So that they do not print what compression dropped, the record shows counts only and
holds the source text back; recovery of answers reads it from there.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Self

from pydantic import BaseModel, Field

from lingua_shared.errors import InvalidInputError, short
from lingua_shared.recovery.recoverer import SOURCE_LENGTH_KEY, SOURCE_TEXT_KEY
from lingua_shared.result import KeptPassage

PROVENANCE_KEY = "lingua"
_KEYS = frozenset({"relevance", "original_tokens", "compressed_tokens", "spans"})


class Provenance(dict[str, Any]):
    """What was kept of one passage: a dictionary of relevance, token counts and spans, beside a source text.

    `str` and `repr` give counts only. The source text is no item of the dictionary, so that JSON does not hold it, but
    it stays with the object through copies and pickles; `record["source_text"]` and `to_dict()` return it. There is
    none where nothing was cut.

    Example:
        >>> record = Provenance({"spans": [[0, 9]]}, source_text="Ann Marsh was here.")
        >>> record
        <lingua provenance: 1 span, 9 of 19 characters>
        >>> list(record), record["source_text"]
        (['spans'], 'Ann Marsh was here.')
    """

    __slots__ = ("_source_text",)

    def __init__(self, record: Mapping[str, Any], *, source_text: str | None = None) -> None:
        """Hold a record.

        Args:
            record: the items.
            source_text: the text before compression, to be held back.
        """
        super().__init__(record)
        self._source_text = source_text

    @classmethod
    def of(cls, kept: KeptPassage, *, source: str, text: str, start: int = 0, serialize_source: bool = False) -> Self:
        """Describe what was kept of a passage.

        Args:
            kept: the engine's result for the passage.
            source: the whole text before compression.
            text: the whole text now; where it is the source, the record has no source text.
            start: where the passage that the engine saw begins in the source, in characters.
            serialize_source: make the source text an item, so that JSON holds it.
        """
        record = kept.provenance(shift=start)
        if source == text:
            return cls(record)
        record[SOURCE_LENGTH_KEY] = len(source)
        if serialize_source:
            return cls({**record, SOURCE_TEXT_KEY: source})
        return cls(record, source_text=source)

    def __missing__(self, key: str) -> str:
        """Return the source text that is held back; any other key is missing."""
        if key == SOURCE_TEXT_KEY and self._source_text is not None:
            return self._source_text
        raise KeyError(key)

    def __repr__(self) -> str:
        """Return counts on one line."""
        spans = self.get("spans", ())
        kept = sum(end - start for start, end in spans)
        whole = self.get(SOURCE_LENGTH_KEY) or len(self._source_text or "") or kept
        return f"<lingua provenance: {len(spans)} span{'s'[: len(spans) != 1]}, {kept} of {whole} characters>"

    def to_dict(self) -> dict[str, Any]:
        """Return a plain dictionary with the source text, which shows it wherever metadata is printed or stored."""
        return {**self, **({} if self._source_text is None else {SOURCE_TEXT_KEY: self._source_text})}


class ProvenanceOptions(BaseModel):
    """Whether and where an adapter writes provenance."""

    add_provenance: bool = Field(
        default=False,
        description="Write what was kept into the metadata: relevance, token counts, kept characters and, if it was "
        "cut, the text before. Recovery of answers needs it. A record of an earlier compression is replaced.",
    )
    provenance_key: str = Field(
        default=PROVENANCE_KEY,
        min_length=1,
        description="Metadata key of that record; metadata of your own under this key is an error.",
    )
    serialize_source: bool = Field(
        default=False,
        description="Write the text before as a plain value, so that recovery works from metadata that went through "
        "JSON. Whatever dumps the metadata then shows it, a prompt that does so included.",
    )

    def check_provenance_key(self, metadata_of_all: Iterable[Mapping[str, Any]]) -> None:
        """Raise if a record would replace metadata of the user's own.

        Raises:
            InvalidInputError: names the key and the option that changes it.
        """
        for index, metadata in enumerate(metadata_of_all if self.add_provenance else ()):
            if self.provenance_key in metadata and not _is_ours(value := metadata[self.provenance_key]):
                msg = (
                    f"the metadata of passage {index} holds {short(value)} under the key "
                    f"{short(self.provenance_key)}, which provenance would replace; set provenance_key to a free key"
                )
                raise InvalidInputError(msg)

    def provenance(self, kept: KeptPassage, *, source: str, text: str, start: int = 0) -> Provenance:
        """Return the record for a passage; see `Provenance.of`."""
        return Provenance.of(kept, source=source, text=text, start=start, serialize_source=self.serialize_source)


def _is_ours(value: object) -> bool:
    return isinstance(value, Mapping) and value.keys() >= _KEYS
