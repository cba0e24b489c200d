"""Reading with the encoder, compared with the network run on each pair alone."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from lingua_shared.scoring.encoder.calibration import Calibration, ListwiseCalibration
from lingua_shared.scoring.encoder.model import EncoderModel, new_model
from lingua_shared.scoring.encoder.pairs import Pair, PairTokenizer
from lingua_shared.scoring.encoder.reader import EncoderOutput, EncoderReader
from tests import tiny_models

QUESTION = "Who built the lighthouse?"
PASSAGES = [
    "Ada Marsh built it in 1871.",
    "",
    "A ferry left the harbour at 10 pm; the fare was $3.50, the crossing took 42 minutes. " * 3,
    "  \nThe keeper wrote it down on 3 May 1872.",
    "東京都は日本の首都です。 😀",
]
LONG = " ".join(f"The keeper wrote it down on {day} May {1800 + day}." for day in range(60))


class Setup:
    """A tiny model with its tokenizer."""

    def __init__(self, folder: Path, *, pieces: bool) -> None:
        tiny_models.save_trunk(folder, pieces=pieces)
        torch.manual_seed(0)
        self.model: EncoderModel = new_model(folder).eval()
        self.tokenizer = PairTokenizer.from_folder(folder)

    def reader(self, batch_tokens: int = 512, calibration: Calibration | None = None) -> EncoderReader:
        calibration = calibration or Calibration()
        return EncoderReader(self.model, self.tokenizer, batch_tokens=batch_tokens, calibration=calibration)

    def by_hand(self, pair: Pair) -> tuple[float, np.ndarray]:
        """Relevance and token logits of one pair without padding."""
        ids, types = (torch.from_numpy(array)[None] for array in (pair.ids, pair.types))
        with torch.inference_mode():
            relevances, logits = self.model(ids, torch.ones_like(ids), types)
        return float(relevances[0]), logits[0, pair.first : -1].numpy()


@pytest.fixture(name="setup", scope="module", params=["words", "pieces"])
def _setup(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Setup:
    return Setup(tmp_path_factory.mktemp("trunk"), pieces=request.param == "pieces")


@pytest.fixture(name="words", scope="module")
def _words(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    return Setup(tmp_path_factory.mktemp("words"), pieces=False)


@pytest.fixture(name="pieces", scope="module")
def _pieces(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    return Setup(tmp_path_factory.mktemp("pieces"), pieces=True)


def assert_alike(found: EncoderOutput, expected: EncoderOutput) -> None:
    assert found.relevance == pytest.approx(expected.relevance, abs=1e-4)
    assert found.starts.tolist() == expected.starts.tolist()
    assert found.ends.tolist() == expected.ends.tolist()
    np.testing.assert_allclose(found.support, expected.support, atol=1e-4)
    np.testing.assert_allclose(found.answer, expected.answer, atol=1e-4)


def test_values_are_those_of_the_network(words: Setup) -> None:
    """Relevance and token logits are those of each pair on its own."""
    for passage, found in zip(PASSAGES, words.reader().read(QUESTION, PASSAGES), strict=True):
        ((pair,),) = words.tokenizer.pairs(QUESTION, [passage])
        relevance, logits = words.by_hand(pair)
        assert_alike(found, EncoderOutput(relevance, pair.starts, pair.ends, logits[:, 0], logits[:, 1]))


@pytest.mark.parametrize("batch_tokens", [1, 100, 512, 10_000])
def test_batches_do_not_matter(setup: Setup, batch_tokens: int) -> None:
    """The batch and the order of the passages change nothing."""
    passages = [*PASSAGES, LONG]
    alone = [setup.reader().read(QUESTION, [passage])[0] for passage in passages]
    together = setup.reader(batch_tokens).read(QUESTION, passages[::-1])[::-1]
    for found, expected in zip(together, alone, strict=True):
        assert_alike(found, expected)


def test_more_pairs_than_a_pass_takes(words: Setup) -> None:
    """Many short passages are returned in their order."""
    passages = [f"The keeper left {'the harbour ' * (i % 7)}" for i in range(150)]
    found = words.reader(100_000).read(QUESTION, passages)
    for i in (0, 63, 64, 65, 149):
        assert_alike(found[i], words.reader().read(QUESTION, [passages[i]])[0])


def test_nothing_to_read(setup: Setup) -> None:
    """No passages give no outputs; passages without tokens have a relevance and no token logits."""
    assert setup.reader().read(QUESTION, []) == []
    for found in setup.reader().read(QUESTION, ["", "  \n"]):
        assert np.isfinite(found.relevance)
        assert len(found.support) == len(found.answer) == len(found.starts)


def test_empty_question_is_read(setup: Setup) -> None:
    """The passage is still read."""
    (found,) = setup.reader().read("", PASSAGES[:1])
    assert np.isfinite(found.support).all()


def test_long_passage_takes_the_highest_relevance(words: Setup) -> None:
    """The best window of a long passage counts."""
    (pairs,) = words.tokenizer.pairs(QUESTION, [LONG])
    assert len(pairs) > 1
    (found,) = words.reader().read(QUESTION, [LONG])
    assert found.relevance == pytest.approx(max(words.by_hand(pair)[0] for pair in pairs), abs=1e-4)


def test_shared_tokens_keep_the_higher_value(words: Setup) -> None:
    """A token in two windows is returned once, with the higher logits."""
    (pairs,) = words.tokenizer.pairs(QUESTION, [LONG])
    expected: dict[int, np.ndarray] = {}
    for pair in pairs:
        for start, values in zip(pair.starts.tolist(), words.by_hand(pair)[1], strict=True):
            expected[start] = np.maximum(expected.get(start, values), values)
    assert sum(len(pair.starts) for pair in pairs) > len(expected)
    (found,) = words.reader().read(QUESTION, [LONG])
    assert found.starts.tolist() == sorted(expected)
    values = np.stack([expected[start] for start in sorted(expected)])
    np.testing.assert_allclose(np.stack([found.support, found.answer], axis=1), values, atol=1e-4)


@pytest.mark.parametrize("passage", [PASSAGES[0], PASSAGES[4], "Gull  Point, zebra\nquay", LONG])
def test_every_letter_is_in_a_token(setup: Setup, passage: str) -> None:
    """Every letter is covered, also where a space before it is a token, and no token exceeds the text."""
    (found,) = setup.reader().read(QUESTION, [passage])
    covered = {i for start, end in zip(found.starts, found.ends, strict=True) for i in range(start, end)}
    letters = {i for i, character in enumerate(passage) if not character.isspace()}
    assert letters <= covered <= set(range(len(passage)))


def test_tokens_stand_in_the_order_of_the_text(setup: Setup) -> None:
    """Starts never fall, and no token ends before it starts, also across windows."""
    (found,) = setup.reader().read(QUESTION, [LONG])
    assert (np.diff(found.starts) >= 0).all()
    assert (found.ends >= found.starts).all()
    assert np.isfinite(found.support).all()


def test_calibration_is_applied_to_relevance_alone(words: Setup) -> None:
    """Slope and offset change the relevance, not the token logits."""
    raw = words.reader().read(QUESTION, [LONG, ""])
    calibrated = words.reader(calibration=Calibration(2.0, 1.0)).read(QUESTION, [LONG, ""])
    for before, after in zip(raw, calibrated, strict=True):
        assert after.relevance == pytest.approx(2 * before.relevance + 1)
        assert after.support.tolist() == before.support.tolist()


def test_arrays_have_the_types_that_are_promised(setup: Setup) -> None:
    """Offsets are int64 and logits float32, also for an empty passage."""
    for found in setup.reader().read(QUESTION, ["", PASSAGES[0]]):
        assert found.starts.dtype == found.ends.dtype == np.int64
        assert found.support.dtype == found.answer.dtype == np.float32


def test_threads_may_share_a_reader(words: Setup) -> None:
    """Four threads get what one gets."""
    reader = words.reader()
    expected = reader.read(QUESTION, PASSAGES)
    with ThreadPoolExecutor(4) as threads:
        for found in threads.map(lambda _: reader.read(QUESTION, PASSAGES), range(8)):
            assert [e.relevance for e in found] == [e.relevance for e in expected]


def test_model_in_training_is_read_without_gradients(words: Setup) -> None:
    """A reader switches the model to evaluation mode and computes no gradients."""
    words.model.train()
    words.reader().read(QUESTION, PASSAGES[:1])
    assert not words.model.training
    assert all(parameter.grad is None for parameter in words.model.parameters())


def test_passages_are_calibrated_beside_each_other(words: Setup) -> None:
    """The listwise calibration keeps the order and applies the fit to the relevance of each passage."""
    calibration = Calibration(2.0, 1.0, ListwiseCalibration(0.5, 3.0, 1.0))
    reader = words.reader(calibration=calibration)
    read = reader.read(QUESTION, PASSAGES)
    alone = np.asarray([output.relevance for output in read])
    np.testing.assert_allclose(reader.calibrate_listwise(read), calibration.calibrate_listwise(alone))
    assert np.argsort(reader.calibrate_listwise(read)).tolist() == np.argsort(alone).tolist()


def test_a_title_is_read_and_not_returned(words: Setup) -> None:
    """Values are those of the passage after a first line with the title; only the passage's tokens are returned."""
    titles = ["", "Gull", "Point", "The keeper", ""]
    found = words.reader().read(QUESTION, PASSAGES, titles)
    for output, passage, title in zip(found, PASSAGES, titles, strict=True):
        (alone,), (joined,) = (words.reader().read(QUESTION, [t]) for t in (passage, f"{title}\n{passage}"))
        behind = len(joined.support) - len(alone.support)
        shift = len(title) + 1
        assert_alike(
            output,
            EncoderOutput(
                joined.relevance,
                joined.starts[behind:] - shift,
                joined.ends[behind:] - shift,
                joined.support[behind:],
                joined.answer[behind:],
            ),
        )
