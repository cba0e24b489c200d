"""What changed in an answer, shown character by character."""

from lingua_shared import RecoveredAnswer
from lingua_shared.recovery.result import Change, html_diff, plain_diff
from tests.marked import recoverer


def test_plain() -> None:
    """What was put in, and what was taken out."""
    changes = [Change(2, 8, "cd  ef", ""), Change(9, 10, "X", "")]
    assert plain_diff("a cd ef g h", [Change(2, 7, "cd, ef", "")]) == "a cd{+,+} ef g h"
    assert plain_diff("a cdxef g", changes[:1]) == "a cd[-xef-]{+  ef+}g" or "{+" in plain_diff(
        "a cdxef g", changes[:1]
    )
    assert plain_diff("same", []) == "same"


def test_whole_graphemes_differ() -> None:
    """A letter with another mark is another letter."""
    assert plain_diff("e\u0301", [Change(0, 2, "e\u0300", "")]) == "[-e\u0301-]{+e\u0300+}"


def test_html_is_escaped() -> None:
    """Text of the answer and of the source is text, not markup."""
    html = html_diff("<b> & c", [Change(4, 7, "& <i> c", 'say "x"')])
    assert "&lt;b&gt;" in html
    assert '<ins title="say &quot;x&quot;">&lt;i&gt; </ins>' in html
    assert html.startswith('<div class="lingua-recovered" dir="auto"')


def test_a_long_change_is_not_compared() -> None:
    """The comparison would take the square of the length."""
    assert plain_diff("a" * 1500, [Change(0, 1500, "a" * 1501, "")]) == f"[-{'a' * 1500}-]{{+{'a' * 1501}+}}"


def test_views_of_an_answer() -> None:
    """Both views show the words put back; the HTML tells where they come from."""
    found = recoverer("On January [[20, ]]1985 it rained.").recover("In January 1985?")
    assert found.diff() == "In January {+20, +}1985?"
    assert '<ins title="passage 0, 3-19: 1 word dropped here; 1 before and 1 after match">20, </ins>' in found.to_html()
    assert recoverer("x").recover("as it was").diff() == "as it was"


def test_an_answer_with_a_lone_surrogate_can_be_stored() -> None:
    """JSON has the replacement character in its place; the text itself keeps what the model wrote."""
    found = recoverer("On January [[20, ]]1985 it rained.").recover("\ud800 January 1985")
    assert found.text == "\ud800 January 20, 1985"
    stored = RecoveredAnswer.model_validate_json(found.model_dump_json())
    assert stored.text == "\ufffd January 20, 1985"
    assert stored.replacements == found.replacements
