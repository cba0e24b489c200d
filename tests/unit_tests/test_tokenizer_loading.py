"""Loading tokenizers by name."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import pytest
import tokenizers

from lingua_shared.errors import ModelLoadError
from lingua_shared.text.tokenizer_loading import MAX_LOADED, TOKENIZERS, LoadedTokenizers


def save_tokenizer(folder: Path, *words: str) -> Path:
    """Write the folder of a tokenizer that knows these words."""
    folder.mkdir(exist_ok=True)
    known = {word: index for index, word in enumerate([*words, "[UNK]"])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(known, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.enable_truncation(2)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
    return folder


def test_the_folder_of_a_tokenizer(tmp_path: Path) -> None:
    """A folder is loaded from the disk, and counts all of a text, whatever length its settings cut at."""
    counter = TOKENIZERS.counter(str(save_tokenizer(tmp_path, "one", "two")))
    assert counter("one two three two") == 4


def test_a_folder_that_changes_is_read_again(tmp_path: Path) -> None:
    """A tokenizer saved anew in the same folder counts anew."""
    loaded = LoadedTokenizers()
    first = loaded.counter(str(save_tokenizer(tmp_path, "one")))
    assert loaded.counter(str(tmp_path)) is first
    save_tokenizer(tmp_path, "one", "two")
    os.utime(tmp_path / "tokenizer.json", ns=(1, time.time_ns() + 10**9))
    assert loaded.counter(str(tmp_path)) is not first


def test_a_folder_without_a_tokenizer(tmp_path: Path) -> None:
    """A folder that holds something else is an error that says what is allowed."""
    with pytest.raises(ModelLoadError, match=r"no tokenizer '.*' that transformers can load .*cl100k_base.*callable"):
        TOKENIZERS.counter(str(tmp_path))


@pytest.mark.parametrize("name", ["no tokenizer of that name!", "/no/such/folder", "", "a\x00b", "../up", "x" * 97])
def test_a_name_that_is_nothing(name: str) -> None:
    """A name that cannot be one raises an error that says what is allowed."""
    with pytest.raises(ModelLoadError, match=r"no tokenizer '.*cl100k_base.*gpt-4o.*a folder.*callable"):
        TOKENIZERS.counter(name)


def test_a_very_long_name_is_shortened() -> None:
    """The error for a name of 5,000 characters stays short."""
    with pytest.raises(ModelLoadError, match=r"no tokenizer 'x+\.\.\.: it is neither") as caught:
        TOKENIZERS.counter("x" * 5000)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("local_files_only", [False, True])
def test_an_unknown_hub_id(local_files_only: bool) -> None:  # noqa: FBT001 - a column of the table
    """Where the hub is not asked, a repository that is not in its cache is an error."""
    reason = "local_files_only is set" if local_files_only else "the model hub cannot be reached"
    with pytest.raises(ModelLoadError, match=f"no tokenizer 'nobody/nothing' on this machine, and {reason}"):
        TOKENIZERS.counter("nobody/nothing", local_files_only=local_files_only)


def test_a_failure_is_not_cached(tmp_path: Path) -> None:
    """A tokenizer that was not there is found once it is."""
    loaded = LoadedTokenizers()
    with pytest.raises(ModelLoadError):
        loaded.counter(str(tmp_path / "later"))
    assert loaded.counter(str(save_tokenizer(tmp_path / "later", "one")))("one one") == 2


def test_models_of_one_encoding_share_it() -> None:
    """An encoding is in memory once, under all names that mean it."""
    assert TOKENIZERS.counter("gpt-4") is TOKENIZERS.counter("cl100k_base")
    assert TOKENIZERS.counter("cl100k_base", local_files_only=True) is TOKENIZERS.counter("cl100k_base")


def test_few_tokenizers_stay_in_memory(tmp_path: Path) -> None:
    """The tokenizer loaded first makes room for one more than fits, and can be loaded again."""
    loaded = LoadedTokenizers()
    folders = [str(save_tokenizer(tmp_path / str(number), "one")) for number in range(MAX_LOADED + 1)]
    counters = [loaded.counter(folder) for folder in folders]
    assert [loaded.counter(folder) is counter for folder, counter in zip(folders[1:], counters[1:], strict=True)] == [
        True
    ] * MAX_LOADED
    assert loaded.counter(folders[0]) is not counters[0]


def test_threads_load_a_tokenizer_once(tmp_path: Path) -> None:
    """Threads that ask at the same time get the same counter, and can count with it at the same time."""
    loaded, folder = LoadedTokenizers(), str(save_tokenizer(tmp_path, "one", "two"))
    with ThreadPoolExecutor(8) as threads:
        counters = list(threads.map(lambda _: loaded.counter(folder), range(16)))
        counts = list(threads.map(lambda counter: counter("one two " * 200), counters * 10))
    assert len(set(map(id, counters))) == 1
    assert set(counts) == {400}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_while_a_tokenizer_loads_does_not_hang(tmp_path: Path) -> None:
    """A child process that is forked while another thread loads a tokenizer can load and count."""
    folder = str(save_tokenizer(tmp_path, "one"))
    loaded = LoadedTokenizers()
    loader = Thread(target=loaded.counter, args=(folder,))
    loader.start()
    child = os.fork()
    if child == 0:
        os._exit(loaded.counter(folder)("one one") if loaded.counter(folder)("one") == 1 else 3)
    deadline = time.monotonic() + 60
    while (ended := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    if ended[0] == 0:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    loader.join()
    assert ended[0] == child
    assert os.waitstatus_to_exitcode(ended[1]) == 2
