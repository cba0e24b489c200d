"""Silence while a model is loaded, and everything as before after it."""

import logging
import sys
import threading
import warnings

import pytest
from tqdm import tqdm
from tqdm.auto import tqdm as automatic

from lingua_shared.scoring.quiet import quiet


def noise() -> None:
    """What libraries write."""
    list(tqdm(range(3), file=sys.stderr))
    list(automatic(range(3)))
    warnings.warn("old", FutureWarning, stacklevel=1)
    for name in ("transformers", "transformers.modeling_utils", "sentence_transformers.base", "huggingface_hub"):
        logging.getLogger(name).warning("many words")
    worker = threading.Thread(target=lambda: list(tqdm(range(3))))
    worker.start()
    worker.join()


def test_nothing_is_written(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """No bar, no warning and no record of a library comes through, not even from threads that the block starts."""
    with caplog.at_level(logging.INFO), quiet():
        noise()
    assert (*capsys.readouterr(), caplog.records) == ("", "", [])


def test_records_can_be_had_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    """What a library said is a debug record of this package."""
    with caplog.at_level(logging.DEBUG, logger="lingua_shared"), quiet():
        logging.getLogger("transformers.modeling_utils").warning("weights of %s are new", "the head")
    assert [(r.name, r.levelname, r.getMessage()) for r in caplog.records] == [
        ("lingua_shared.scoring.quiet", "DEBUG", "transformers.modeling_utils: weights of the head are new")
    ]


def test_all_is_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    """Bars, loggers and filters of warnings are what they were, after an error, too."""
    names = ("transformers", "torch", "huggingface_hub")

    def state() -> list[object]:
        loggers = [logging.getLogger(name) for name in names]
        return [tqdm.__init__, list(warnings.filters), *((v.level, v.propagate, list(v.handlers)) for v in loggers)]

    before = state()
    with pytest.raises(KeyError), quiet():
        raise KeyError
    assert state() == before
    list(tqdm(range(3)))
    assert "3/3" in capsys.readouterr().err


def test_other_threads_keep_their_bars(capsys: pytest.CaptureFixture[str]) -> None:
    """A bar that another thread begins meanwhile is shown."""
    go = threading.Event()

    def work() -> None:
        go.wait()
        list(tqdm(range(3)))

    thread = threading.Thread(target=work)
    thread.start()
    with quiet():
        go.set()
        thread.join()
    assert "3/3" in capsys.readouterr().err


def test_a_logger_that_was_made_verbose_is_left_alone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sets the level of a library's logger to INFO or DEBUG wants to read it."""
    logger = logging.getLogger("filelock")
    monkeypatch.setattr(logger, "level", logging.INFO)
    with quiet():
        logger.warning("waiting")
    assert [record.getMessage() for record in caplog.records] == ["waiting"]
