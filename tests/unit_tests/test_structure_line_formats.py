"""Chats, logs, diffs, sessions in a shell, e-mails, questions with answers, glossaries."""

import os
from random import Random

import pytest

from lingua_shared.text.structure.parse import parse
from tests.structures import assert_tiles, choices, described, kept_text, kept_with, needed_with, path_of

DOCUMENTS = int(os.environ.get("LINGUA_DOCUMENTS", "40"))

CHAT = """Ida: Good morning, Per. Is the ferry in?
Per: It is at the quay.
Ida: It came in at six, with two hours of delay, since there was ice before the harbour. All forty cups are broken.
Per: Who counted them?
Ida: The mate.
"""

LOG = """2031-03-01 06:00:01 INFO kettle: on
2031-03-01 06:00:02 ERROR kettle: no water
Traceback (most recent call last):
  File "kettle.py", line 3, in heat
    boil(water)
  File "kettle.py", line 9, in boil
    raise Dry("no water")
Dry: no water
2031-03-01 06:00:03 INFO kettle: off
"""

DIFF = """diff --git a/tea.py b/tea.py
index 0123abc..4567def 100644
--- a/tea.py
+++ b/tea.py
@@ -1,3 +1,3 @@
 import water
-minutes = 3
+minutes = 4
 cups = 2
diff --git a/cup.py b/cup.py
--- a/cup.py
+++ b/cup.py
@@ -10,8 +10,9 @@ def cup():
 one
 two
 three
 four
 five
-six
+6
+and a half
 seven
 eight
@@ -40,5 +41,4 @@ def end():
 a
 b
-c
 d
 e
"""

MAIL = """From: Ida <ida@kelm.example>
To: per@kelm.example
Subject: The kettle
 of the ferry
Date: Sat, 1 Mar 2031 06:00:00 +0000

Dear Per,

the kettle is broken. I need
a new one by noon.

On Fri, 28 Feb 2031 at 18:00, Per <per@kelm.example> wrote:
> Is the kettle on the
> ferry still whole? It was
> new in May.
>
> Per

--
Ida, Kelm Ferries
"""

FAQ = """Q: When does the ferry leave?
A: At six.

Q: What does it cost?
A: A cup of tea costs two crowns on all days but Sunday. On Sunday it is free for those who bring a cup of their own.
"""


def test_short_turn_is_one_unit_with_its_label() -> None:
    """A longer turn is several units, each of which needs the label of its own speaker."""
    assert kept_with(CHAT, "at the quay") == "Per: It is at the quay."
    assert kept_with(CHAT, "All forty") == "Ida: All forty cups are broken."


def test_question_of_a_chat_brings_its_answer() -> None:
    """The turn behind a question has it on its path; the question alone is not kept without its answer."""
    assert path_of(CHAT, "The mate") == ["Per: Who counted them?"]
    assert kept_with(CHAT, "Who counted") == "Per: Who counted them?\nIda: The mate."


@pytest.mark.parametrize(
    "text",
    [
        "[06:00] ida: hello there\n[06:01] per: hello you\n[06:02] ida: tea?\n",
        "<ida> hello there\n<per> hello you\n<ida> tea?\n",
        "2031-03-01, 06:00 - Ida: hello there\n2031-03-01, 06:01 - Per: hello you\n2031-03-01, 06:02 - Ida: tea?\n",
        "Ida (06:00): hello there\nPer (06:01): hello you\nIda (06:02): tea?\n",
        "USER: hello there\nASSISTANT: hello you\nUSER: tea?\n",
        "Ida Berg: Is there tea?\n\nPer Dahl: There is.\n\nIda Berg: Is it hot?\n\nPer Dahl: It is hot.\n",
        "伊达：你好。\n佩尔：你好！\n伊达：有茶吗？\n",
    ],
)
def test_turns_of_chats(text: str) -> None:
    """Each way to write who speaks gives a unit for each turn."""
    assert parse(text).format == "chat"
    assert [unit.strip() for _, _, unit in described(text)] == [line for line in text.splitlines() if line]


def test_entries_of_a_log() -> None:
    """An entry is a unit; the lines of a trace need the first line of their entry, and nothing else."""
    assert kept_with(LOG, "INFO kettle: off") == "2031-03-01 06:00:03 INFO kettle: off"
    assert kept_with(LOG, "Dry: no").splitlines() == [
        "2031-03-01 06:00:02 ERROR kettle: no water",
        "Dry: no water",
    ]
    assert '  File "kettle.py", line 3, in heat\n    boil(water)\n' in [unit for _, _, unit in described(LOG)]


@pytest.mark.parametrize(
    "entry",
    [
        "Mar  1 06:00:01 ferry kernel: [    1.000] on",
        "[2031-03-01T06:00:01Z] on",
        "INFO:kettle:on",
        "[ERROR] no water",
        "06:00:01.123 | on",
        '10.0.0.1 - - [01/Mar/2031:06:00:01 +0000] "GET / HTTP/1.1" 200 5',
        "I0301 06:00:01.000000 1 kettle.cc:1] on",
        'level=info ts=2031-03-01 msg="on"',
        "[    1.000123] usb: on",
    ],
)
def test_entries_of_many_kinds_of_logs(entry: str) -> None:
    """A time or a level at the beginning of a line begins an entry."""
    text = f"{entry}\n" * 3 + f"{entry}\n  more of it\n"
    assert parse(text).format == "log"
    assert [unit for _, _, unit in described(text)] == [f"{entry}\n"] * 3 + [f"{entry}\n  more of it\n"]


def test_hunks_need_the_header_of_their_file() -> None:
    """A short hunk is one unit with its header; so is each change of a longer one."""
    kept = kept_with(DIFF, "+minutes = 4")
    assert kept == DIFF[: DIFF.index("diff --git a/cup")].rstrip()
    assert kept_with(DIFF, "-c\n").splitlines()[:4] == [
        "diff --git a/cup.py b/cup.py",
        "--- a/cup.py",
        "+++ b/cup.py",
        "@@ -40,5 +41,4 @@ def end():",
    ]
    long = "--- a\n+++ b\n@@ -1,20 +1,20 @@\n" + " x\n" * 8 + "-old\n+new\n" + " y\n" * 11
    assert kept_with(long, "+new").splitlines() == ["--- a", "+++ b", "@@ -1,20 +1,20 @@", "-old", "+new"]


def test_command_with_its_output() -> None:
    """A command with a short output is a unit; a long output needs its command."""
    text = "$ ls\ntea\ncup\n$ cat tea\n" + "".join(f"It is cup {number}.\n" for number in range(9))
    assert kept_with(text, "cup\n$").strip() == "$ ls\ntea\ncup"
    assert kept_with(text, "cup 7").splitlines() == ["$ cat tea", "It is cup 7."]


def test_quoted_fields_stay_with_what_they_quote() -> None:
    """Who wrote quoted lines is said right above them, without "wrote:"."""
    quoted = "> From: Jon\n> Sent: 4 May\n> I want to keep it.\n> It is mine.\n"
    text = f"From: Ida\nTo: Jon\nSubject: Boat\n\nWe sell it.\n\n{quoted}"
    assert needed_with(text, "> It is mine.") == ["> From: Jon\n> Sent: 4 May"]


def test_parts_of_an_email() -> None:
    """Fields are units; a quoted sentence keeps its marks and needs the line that says who wrote it."""
    kinds = [(kind, unit) for kind, _, unit in described(MAIL)]
    assert ("field", "Subject: The kettle\n of the ferry\n") in kinds
    assert ("quote", "> Is the kettle on the\n> ferry still whole? ") in kinds
    assert kept_with(MAIL, "Is the kettle").startswith(
        "On Fri, 28 Feb 2031 at 18:00, Per <per@kelm.example> wrote:\n> Is"
    )
    assert path_of(MAIL, "the kettle is broken") == [
        "From: Ida <ida@kelm.example>",
        "Subject: The kettle\n of the ferry",
    ]
    assert ("field", "--\nIda, Kelm Ferries\n") in kinds


def test_answers_need_their_questions() -> None:
    """A question is support; each sentence of its answer comes with it."""
    assert kept_with(FAQ, "At six") == "Q: When does the ferry leave?\nA: At six."
    assert kept_with(FAQ, "On Sunday").startswith("Q: What does it cost?\nA: On Sunday")
    lines = "When does it leave?\n\nAt six.\n\nWhat does it cost?\nTwo crowns.\n\nIs there tea?\n\nThere is.\n"
    assert kept_with(lines, "Two crowns") == "What does it cost?\nTwo crowns."
    assert kept_with(lines, "At six") == "When does it leave?\n\nAt six."


def test_terms_with_their_definitions() -> None:
    """A short pair is one unit; each sentence of a long definition needs its term."""
    long = "A bar that is put into a fire until it glows, as it was done on ferries. It has a handle of wood. " * 2
    text = f"Kettle - A vessel in which water is heated.\nPoker - {long}\nQuay - A place at which ferries lie.\n"
    assert kept_with(text, "A vessel") == "Kettle - A vessel in which water is heated."
    assert kept_with(text, "It has a handle").startswith("Poker - It has a handle")


@pytest.mark.parametrize(
    "text",
    [
        "He said: it is late. She said: it is not.\nThey left the quay at six, and no one spoke: it was cold.",
        "In 1968: the yard closed. It had been open since 1925. On 3 May: all ships were sold.",
        "“Why?” he asked.\n\n“Because,” she said.\n\nNobody knew. Was it the tea?\n\nHe never learned it.",
        "We were late ; the ferry had left. So we walked.",
        "To: those who wait. They also serve.",
        "> A line that is quoted.\n> Another one.\n",
    ],
)
def test_prose_is_none_of_these(text: str) -> None:
    """Colons, dates, questions, semicolons and quotations alone make no format."""
    assert parse(text).format in ("prose", "markdown")


def random_chat(random: Random) -> str:
    """A chat with turns of one to five sentences."""
    names = random.sample(["Ida", "Per", "Ida Berg", "ÅSA", "O'Hara", "伊达", "Dr. Dahl"], random.randint(2, 3))
    turns = [f"{names[n % len(names)]}: {sentences(random, 5)}" for n in range(random.randint(4, 9))]
    return random.choice(["\n", "\n\n"]).join(turns)


def sentences(random: Random, most: int) -> str:
    words = ["tea", "is", "hot", "the", "ferry", "at", "six", "Kelm", "über", "cups,"]
    return " ".join(
        " ".join(random.choices(words, k=random.randint(2, 9))).capitalize().rstrip(",")
        + random.choice([".", "!", "?"])
        for _ in range(random.randint(1, most))
    )


@pytest.mark.parametrize("number", range(DOCUMENTS))
def test_random_chats(number: int) -> None:
    """Each kept line begins with the label of the one who said it."""
    random = Random(number)
    text = random_chat(random)
    structure = parse(text)
    assert_tiles(text, structure)
    assert structure.format == "chat"
    said = {line.partition(": ")[2]: line.partition(": ")[0] for line in text.splitlines() if line}
    for chosen in choices(structure, random, 5):
        for line in filter(None, kept_text(text, chosen, structure).splitlines()):
            label, _, rest = line.partition(": ")
            first = rest.split(". ")[0].split("! ")[0].split("? ")[0].rstrip(".!? ")
            assert any(label == name and first in told for told, name in said.items())


@pytest.mark.parametrize("number", range(DOCUMENTS))
def test_random_diffs(number: int) -> None:
    """Each kept line of a hunk stands below the header of its hunk and of its file."""
    random = Random(number)
    files = [f"f{n}.py" for n in range(random.randint(1, 4))]
    text, place = "", {}
    for name in files:
        text += f"--- a/{name}\n+++ b/{name}\n"
        for hunk in range(random.randint(1, 3)):
            lines = [f"{random.choice(' +-')}{name} {hunk} {n}" for n in range(random.randint(1, 30))]
            old, new = sum(line[0] != "+" for line in lines), sum(line[0] != "-" for line in lines)
            header = f"@@ -{hunk + 1},{old} +{hunk + 1},{new} @@"
            text += "\n".join([header, *lines]) + "\n"
            place.update(dict.fromkeys(lines, (f"+++ b/{name}", header)))
    structure = parse(text)
    assert_tiles(text, structure)
    assert structure.format == "diff"
    for chosen in choices(structure, random, 5):
        file, header = "", ""
        for line in kept_text(text, chosen, structure).splitlines():
            if line.startswith("+++ "):
                file = line
            elif line.startswith("@@"):
                header = line
            elif not line.startswith("--- "):
                assert place[line] == (file, header)


def test_code_that_goes_on_behind_a_colon_is_no_term() -> None:
    """A piece of code in running text, at the beginning of a line."""
    rows = "".join(
        f'Rows of kind {n} also hold a list of\n`{{"index{n}": number, "data": fields}}` entries here.\n'
        for n in range(4)
    )
    assert not [kind for kind, _, _ in described(rows) if kind in ("term", "definition")]
