"""Reading after kept text gives what the whole model gives for the same tokens in one row."""

import numpy as np
import pytest

from lingua_shared.scoring.causal.kept_text import SINKS, KeptText
from lingua_shared.scoring.causal.model import CausalModel, Row
from lingua_shared.scoring.causal.segment_reader import CausalSegmentReader
from lingua_shared.scoring.protocol import SegmentRequest
from tests import tiny_models
from tests.spies import trunk_reads

NAMES = (*tiny_models.NAMES, *tiny_models.SLIDING)
TEXT = "The lighthouse at Gull Point was built in 1871 by Ada Marsh. A ferry left the harbour at 10 pm."


@pytest.fixture(name="model", scope="module", params=NAMES)
def _model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> CausalModel:
    return tiny_models.load(tiny_models.save(tmp_path_factory.mktemp(request.param), request.param))


@pytest.fixture(name="llama", scope="module")
def _llama(tmp_path_factory: pytest.TempPathFactory) -> CausalModel:
    return tiny_models.load(tiny_models.save(tmp_path_factory.mktemp("llama"), "llama"))


def ids_of(model: CausalModel, count: int) -> list[int]:
    ids = model.encode([TEXT])[0].ids
    return [*ids * (count // len(ids) + 1)][:count]


def in_one_row(model: CausalModel, before: tuple[int, ...], ids: list[int]) -> np.ndarray:
    return model.negative_log_likelihoods([Row((*before, *ids), first=len(before))])[0]


@pytest.mark.parametrize("prefix", [0, 7])
def test_each_segment_is_read_after_what_was_kept(model: CausalModel, prefix: int) -> None:
    """Whatever was kept of earlier segments, all or nothing included, a segment is read after exactly that."""
    ids = ids_of(model, 60)
    kept_text = KeptText(model, ids[:prefix])
    before = tuple(ids[:prefix])
    for at, kept in (
        (10, slice(None)),
        (20, slice(0, 0)),
        (30, slice(0, 10, 3)),
        (40, slice(0, 7)),
        (50, slice(0, 10)),
    ):
        segment = ids[at : at + 10]
        np.testing.assert_allclose(kept_text.read(segment), in_one_row(model, before, segment), atol=2e-4)
        kept_text.keep(segment[kept])
        before = (*before, *segment[kept])
        assert kept_text.ids == before


def test_a_token_with_nothing_before_it_has_no_score(llama: CausalModel) -> None:
    """Only the very first token of a text without a prefix lacks a likelihood."""
    values = KeptText(llama).read(ids_of(llama, 9))
    assert np.isnan(values[0])
    assert np.isfinite(values[1:]).all()
    assert len(KeptText(llama).read([])) == 0


def test_the_window_slides_over_the_kept_text_and_leaves_the_sinks(llama: CausalModel) -> None:
    """Beyond the window, a segment is read after the prefix, the sinks and the last of the kept text."""
    ids = ids_of(llama, 400)
    kept_text = KeptText(llama, ids[:5], window=64)
    for at in range(5, 400, 20):
        segment = ids[at : at + 20]
        values = kept_text.read(segment)
        before = kept_text.ids
        np.testing.assert_allclose(values, in_one_row(llama, before, segment), atol=2e-4)
        assert len(before) + len(segment) <= 64
        assert list(before[: min(at, 5 + SINKS)]) == ids[: min(at, 5 + SINKS)]
        assert at == 5 or list(before[-10:]) == ids[at - 10 : at]
        kept_text.keep(segment)


def test_a_segment_longer_than_the_window_is_read_in_pieces(model: CausalModel) -> None:
    """A word of great length gets a score for each token."""
    ids = ids_of(model, 600)
    values = KeptText(model, ids[:5]).read(ids)
    assert values.shape == (600,)
    assert np.isfinite(values).all()


def test_nothing_is_read_twice(llama: CausalModel) -> None:
    """A pass reads the segment and, of what was kept of the one before, what comes behind the first gap."""
    ids = ids_of(llama, 128)
    for kept, tokens in ((slice(0, 32), 32), (slice(0, 20), 32), (slice(1, 32), 64), (slice(0, 0), 32)):
        kept_text = KeptText(llama)
        with trunk_reads(llama) as passes:
            for at in range(0, 128, 32):
                kept_text.read(ids[at : at + 32])
                kept_text.keep(ids[at : at + 32][kept])
        assert [tuple(read.shape) for read in passes] == [(1, 32), *[(1, tokens)] * 3]


class TestReader:
    """Scores of texts in order."""

    def test_contrastive_scores_are_the_gain_by_the_question(self, llama: CausalModel) -> None:
        """Log p with the question before minus log p without, each after the same kept text."""
        texts = ("The lighthouse at Gull Point was built in 1871.", " A ferry left the harbour.")
        question = "Who built the lighthouse?"
        reader = CausalSegmentReader(llama, SegmentRequest(texts, question, "contrastive"))
        reader.scores(0, 0, 5)
        reader.keep(0, [1, 3])
        first, second = (encoded.ids for encoded in llama.encode(texts))
        kept = (first[1], first[3])
        asked = (*llama.encode([question])[0].ids, *llama.encode(["\n\n"])[0].ids)
        opening = llama.opening
        without = in_one_row(llama, (*opening, *kept), list(second))
        expected = without - in_one_row(llama, (*opening, *asked, *kept), list(second))
        found = reader.scores(1, 0, len(second))
        np.testing.assert_allclose(found.values, expected, atol=2e-4)
        starts, ends = reader.tokens(1)
        assert (found.starts.tolist(), found.ends.tolist()) == (starts.tolist(), ends.tolist())

    def test_the_shift_gives_each_token_the_score_of_the_next_one(self, llama: CausalModel) -> None:
        """Also across segments; the last token of the text always stays."""
        plain = CausalSegmentReader(llama, SegmentRequest((TEXT,)))
        length = len(plain.tokens(0)[0])
        values = plain.scores(0, 0, length).values
        shifted = CausalSegmentReader(llama, SegmentRequest((TEXT,), legacy_shift=True))
        parts = [shifted.scores(0, 0, 6).values]
        shifted.keep(0, range(6))
        parts.append(shifted.scores(0, 6, length).values)
        np.testing.assert_allclose(np.concatenate(parts), [*values[1:], np.inf], atol=2e-4)

    def test_a_question_that_is_too_long_is_noted(self, llama: CausalModel) -> None:
        """Its end is read."""
        reader = CausalSegmentReader(llama, SegmentRequest((TEXT,), TEXT * 20, "contrastive"))
        assert "only its end was read" in reader.notes()[0]
        assert np.isfinite(reader.scores(0, 0, 5).values[1:]).all()
