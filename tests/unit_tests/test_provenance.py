"""The record of what was kept that both adapters write into metadata."""

import json
import pickle
from copy import copy, deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from lingua_shared import InvalidInputError, KeptPassage
from lingua_shared.adapters.provenance import Provenance, ProvenanceOptions
from lingua_shared.result import Span

SOURCE = "Ann Marsh was here. Nobody saw her."
TEXT = "Ann Marsh was here."
COUNTS = {"relevance": 0.5, "original_tokens": 7, "compressed_tokens": 4}


def kept(*spans: tuple[int, int], text: str = TEXT) -> KeptPassage:
    return KeptPassage(
        index=0, source=SOURCE, signals={}, text=text, spans=tuple(Span(*span) for span in spans), **COUNTS
    )


@pytest.fixture(name="record")
def _record() -> Provenance:
    """A record of a passage that was cut."""
    return Provenance.of(kept((0, 9), (13, 19)), source=SOURCE, text=TEXT)


@pytest.mark.parametrize(
    ("spans", "source", "expected"),
    [
        ([(0, 19)], SOURCE, "<lingua provenance: 1 span, 19 of 35 characters>"),
        ([(0, 9), (13, 19)], SOURCE, "<lingua provenance: 2 spans, 15 of 35 characters>"),
        ([(0, 19)], TEXT, "<lingua provenance: 1 span, 19 of 19 characters>"),
        ([], SOURCE, "<lingua provenance: 0 spans, 0 of 35 characters>"),
    ],
)
@pytest.mark.parametrize("serialize_source", [False, True])
def test_printed_form(spans: list[tuple[int, int]], source: str, expected: str, *, serialize_source: bool) -> None:
    """However it is printed, it shows counts."""
    record = Provenance.of(kept(*spans), source=source, text=TEXT, serialize_source=serialize_source)
    assert {repr(record), str(record), f"{record}", "%s" % record, format(record)} == {expected}  # noqa: UP031
    assert str({"lingua": record}) == f"{{'lingua': {expected}}}"


def test_items(record: Provenance) -> None:
    """Counts, spans and the length of the source text are items, and what JSON holds; the text is none."""
    items = {**COUNTS, "spans": [[0, 9], [13, 19]], "source_characters": 35}
    assert record == items
    assert json.loads(json.dumps(record)) == items
    assert "source_text" not in record


def test_the_source_text_on_demand(record: Provenance) -> None:
    """A subscript returns it, and a plain dictionary holds it."""
    assert record["source_text"] == SOURCE
    assert record.to_dict() == {**record, "source_text": SOURCE}
    assert type(record.to_dict()) is dict
    with pytest.raises(KeyError, match="source"):
        record["source"]


def test_the_source_text_as_an_item() -> None:
    """Where it is to be serialised, it is an item like the others."""
    record = Provenance.of(kept((0, 19)), source=SOURCE, text=TEXT, serialize_source=True)
    assert json.loads(json.dumps(record)) == record == record.to_dict()
    assert record["source_text"] == SOURCE


@pytest.mark.parametrize("serialize_source", [False, True])
def test_an_uncut_passage_has_no_source_text(*, serialize_source: bool) -> None:
    """Where nothing was cut, the text is not stored twice."""
    record = Provenance.of(kept((0, 19)), source=TEXT, text=TEXT, serialize_source=serialize_source)
    assert record == record.to_dict() == {**COUNTS, "spans": [[0, 19]]}
    with pytest.raises(KeyError, match="source_text"):
        record["source_text"]


def test_spans_count_from_the_start_of_the_source() -> None:
    """A passage that begins later in the source has its spans shifted."""
    record = Provenance.of(kept((0, 9)), source=f"  {SOURCE}", text=TEXT, start=2)
    assert record["spans"] == [[2, 11]]


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(record: Provenance, protocol: int) -> None:
    """The source text is pickled with the record."""
    loaded = pickle.loads(pickle.dumps(record, protocol))  # noqa: S301 - our own bytes
    assert (type(loaded), loaded, loaded["source_text"]) == (Provenance, record, SOURCE)


@pytest.mark.parametrize("again", [copy, deepcopy])
def test_copies(record: Provenance, again: Any) -> None:
    """The source text is copied with the record."""
    copied = again(record)
    assert (type(copied), copied, copied["source_text"]) == (Provenance, record, SOURCE)


@pytest.mark.parametrize("metadata", [{}, {"source": "a.md"}, {"lingua": {**COUNTS, "spans": []}}], ids=str)
def test_a_free_key(record: Provenance, metadata: dict[str, Any]) -> None:
    """A key is free where nothing is, or a record of ours, also one that went through JSON."""
    ProvenanceOptions(add_provenance=True).check_provenance_key([metadata, {"lingua": record}])


@pytest.mark.parametrize("value", ["it", None, 7, [], {}, {"spans": []}, "x" * 1000], ids=lambda value: repr(value)[:9])
def test_a_key_that_is_taken(value: Any) -> None:
    """The error shows the value, not too long, the key and the option that changes it."""
    options = ProvenanceOptions(add_provenance=True, provenance_key="mine")
    with pytest.raises(InvalidInputError, match=r"passage 1 holds .* 'mine', .* set provenance_key") as error:
        options.check_provenance_key([{}, {"mine": value}])
    assert len(str(error.value)) < 200


def test_a_key_is_not_checked_where_nothing_is_written() -> None:
    """Without provenance, metadata under the key is the user's."""
    ProvenanceOptions().check_provenance_key([{"lingua": "en"}])


def test_an_empty_key_is_refused() -> None:
    """A metadata key has at least one character."""
    with pytest.raises(ValidationError, match="provenance_key"):
        ProvenanceOptions(provenance_key="")
