"""What recovery restores, and what it leaves alone."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import ValidationError

from lingua_shared import (
    CompressionResult,
    InvalidInputError,
    InvalidTypeError,
    OptionsError,
    RecoveredAnswer,
    Recoverer,
    RecoveryOptions,
    SourcePassage,
    recover,
)
from lingua_shared.recovery.recoverer import check_provenance
from tests.marked import compressed, passage, recoverer, result

BIRTH = "Ida Brook was born on January [[20, ]]1985 in the harbour town of Kelm."
RAYS = "In the winter Wilhelm [[Conrad ]]Holm found new rays in his cellar."
LAMP = "The lamp of the lighthouse burned [[cheap and smoky ]]paraffin until the old keeper left."


def restored(answer: str, *marked: str, question: str | None = None, **options: object) -> str:
    chosen = RecoveryOptions.model_validate(options) if options else None
    return recoverer(*marked, question=question, options=chosen).recover(answer).text


# What is restored


@pytest.mark.parametrize(
    ("marked", "answer", "expected"),
    [
        pytest.param(BIRTH, "January 1985", "January 20, 1985", id="a date alone"),
        pytest.param(BIRTH, "She came in January 1985, I read.", "She came in January 20, 1985, I read.", id="a date"),
        pytest.param(RAYS, "It was Wilhelm Holm who did.", "It was Wilhelm Conrad Holm who did.", id="a name"),
        pytest.param(RAYS, "Wilhelm Holm's rays", "Wilhelm Conrad Holm's rays", id="a name in the genitive"),
        pytest.param(
            "It flew 5 [[400 ]]000 miles in a year.",
            "It flew 5 000 miles then.",
            "It flew 5 400 000 miles then.",
            id="a number",
        ),
        pytest.param("The ferry to [[the is]]land is late.", "The ferry to land is late.", None, id="a torn word"),
        pytest.param(LAMP, "burned paraffin", "burned cheap and smoky paraffin", id="any words, alone"),
        pytest.param(
            LAMP,
            "I read that the lamp of the lighthouse burned paraffin until the keeper died.",
            "I read that the lamp of the lighthouse burned cheap and smoky paraffin until the keeper died.",
            id="any words in a sentence",
        ),
        pytest.param(
            "He sang “The [[Long Grey ]]Road to Kelm” twice.",
            "He sang “The Road to Kelm”",
            "He sang “The Long Grey Road to Kelm”",
            id="a quotation",
        ),
        pytest.param(
            "The [[old ]]harbour of Kelm [[and its mole ]]froze in the winter of 1871.",
            "The harbour of Kelm froze in the winter of 1871.",
            "The old harbour of Kelm and its mole froze in the winter of 1871.",
            id="two gaps",
        ),
        pytest.param(
            "Der Leuchtturm wurde [[im Jahre 1884 ]]von Jörg Grüßer [[in Übersee ]]gebaut.",
            "Der Leuchtturm wurde von Jörg Grüßer gebaut.",
            "Der Leuchtturm wurde im Jahre 1884 von Jörg Grüßer in Übersee gebaut.",
            id="German",
        ),
        pytest.param(
            "灯台は[[一八八四年に]]完成した。", "灯台は完成した。", "灯台は一八八四年に完成した。", id="Japanese"
        ),
        pytest.param(
            "这座灯塔[[在一八八四年]]建造完成。", "这座灯塔建造完成。", "这座灯塔在一八八四年建造完成。", id="Chinese"
        ),
        pytest.param("เรือเก่า[[ลำใหญ่]]ออกจากท่า", "เรือเก่าออกจากท่า", "เรือเก่าลำใหญ่ออกจากท่า", id="Thai"),
        pytest.param(
            "بنيت المنارة [[القديمة ]]على الصخرة سنة ١٨٨٤",
            "بنيت المنارة على الصخرة",
            "بنيت المنارة القديمة على الصخرة",
            id="Arabic",
        ),
        pytest.param("המגדלור [[הישן ]]עומד על הסלע", "המגדלור עומד על הסלע", "המגדלור הישן עומד על הסלע", id="Hebrew"),
        pytest.param(
            "पुराना [[ऊँचा ]]दीपस्तंभ समुद्र पर है।", "पुराना दीपस्तंभ समुद्र पर", "पुराना ऊँचा दीपस्तंभ समुद्र पर", id="Devanagari"
        ),
        pytest.param(
            "The crew 👩🏽‍🚀 [[of nine ]]and 🇩🇪 [[👨‍👩‍👧 ]]waved [[twice ]]at us.",
            "The crew 👩🏽‍🚀 and 🇩🇪 waved at us.",
            "The crew 👩🏽‍🚀 of nine and 🇩🇪 waved twice at us.",
            id="beside emoji, which are not inserted themselves",
        ),
    ],
)
def test_dropped_words_are_put_back(marked: str, answer: str, expected: str | None) -> None:
    """A quotation of kept text gets back what was dropped inside it; None: a torn word is no kept word."""
    assert restored(answer, marked) == (answer if expected is None else expected)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("in the winter wilhelm holm found new rays", "In the winter Wilhelm Conrad Holm found new rays"),
        ("IN THE WINTER WILHELM HOLM FOUND", "IN THE WINTER WILHELM Conrad HOLM FOUND"),
        ("In the winter Wilhelm  Holm found", "In the winter Wilhelm Conrad Holm found"),
        ("In the winter Wilhelm\u00a0Holm found", "In the winter Wilhelm Conrad Holm found"),
        ("In the winter Ｗｉｌｈｅｌｍ Holm found", "In the winter Ｗｉｌｈｅｌｍ Conrad Holm found"),
    ],
)
def test_case_width_and_space_do_not_count(answer: str, expected: str) -> None:
    """The words beside a gap take the source's form, but keep a capital; other words of the answer stay."""
    expected = expected.replace("In the winter W", "in the winter W") if answer[0] == "i" else expected
    expected = expected.replace("Ｗｉｌｈｅｌｍ", "Wilhelm")
    assert restored(answer, RAYS) == expected


@pytest.mark.parametrize(
    ("source", "answer", "expected"),
    [
        (
            "The “old” well-kept [[and dry ]]store burned.",
            'The "old" well kept store burned.',
            "well kept and dry store",
        ),
        ("The keeper’s [[grey ]]dog barked.", "The keeper's dog barked.", "The keeper's grey dog barked."),
        ('The "tower" is [[very ]]old.', "The «tower» is old.", "«tower» is very old."),
        ("Caf\u00e9 Holm [[in Kelm ]]is closed.", "Cafe\u0301 Holm is closed.", "Holm in Kelm is closed."),
    ],
)
def test_quotes_hyphens_and_marks_do_not_count(source: str, answer: str, expected: str) -> None:
    """Typographic variants match, and stay as the answer has them."""
    assert expected in restored(answer, source)


def test_a_capital_at_the_beginning_stays() -> None:
    """A sentence of the answer may begin in the middle of one of the source."""
    assert restored("The harbour froze.", "In 1871 the [[wide ]]harbour froze.") == "The wide harbour froze."


def test_line_breaks_of_the_source_become_spaces() -> None:
    """What is put in does not break the answer's line."""
    assert (
        restored("burned paraffin", "The lamp burned [[cheap\nand smoky\n]]paraffin.")
        == "burned cheap and smoky paraffin"
    )


# What is left alone


@pytest.mark.parametrize(
    ("answer", "marked"),
    [
        pytest.param("January 1986", (BIRTH,), id="another year"),
        pytest.param("burned yellow paraffin", (LAMP,), id="a word between"),
        pytest.param("The keeper left.", (LAMP,), id="no gap"),
        pytest.param("paraffin burned", (LAMP,), id="another order"),
        pytest.param("", (LAMP,), id="nothing"),
        pytest.param("Wilhelm Holm Brook", (RAYS,), id="a longer name is another one"),
        pytest.param("January 1985-86", (BIRTH,), id="a longer number is another one"),
        pytest.param("in January 1985.5", (BIRTH,), id="a decimal is another one"),
        pytest.param("Anna-Wilhelm Holm", (RAYS,), id="a longer first name is another one"),
        pytest.param("January, 1985", (BIRTH,), id="a comma that the kept text has not"),
        pytest.param("Wilhelm – Holm", (RAYS,), id="a dash that the kept text has not"),
        pytest.param("http://a.b/burned paraffin", (LAMP,), id="behind an address"),
        pytest.param("January\t1985", (BIRTH,), id="a tab parts columns"),
        pytest.param("of the", ("It was the light of [[all ]]the seas.",), id="the question has it"),
        pytest.param("January 1985", (BIRTH, "It began in January 1985."), id="stands in another passage"),
        pytest.param("burned paraffin", (LAMP, "[[Others burned paraffin.]]"), id="stands in a dropped passage"),
    ],
)
def test_what_is_no_damaged_quotation_stays(answer: str, marked: tuple[str, ...]) -> None:
    """Without a gap in what is quoted nothing is put in; nor where the quotation stands somewhere as it is."""
    assert restored(answer, *marked, question="Which light of the town?") == answer


def test_a_few_words_that_match_by_chance_stay() -> None:
    """A sentence of other content that shares two words around a gap is no quotation; the words alone are."""
    free = "Some say the fishing boats burned paraffin too, and nobody objected."
    assert restored(free, LAMP) == free
    assert restored(free, LAMP, min_match=0) != free
    assert restored("burned paraffin", LAMP) != "burned paraffin"


def test_nothing_crosses_the_border_of_a_sentence() -> None:
    """Words dropped at the end of one sentence and the beginning of the next are not between kept words."""
    marked = "The keeper left Kelm [[in haste. A new man with a dog ]]came from Orr."
    assert restored("The keeper left Kelm came from Orr", marked) == "The keeper left Kelm came from Orr"
    assert "in haste, a new" in restored("The keeper left Kelm came from Orr", marked.replace(". A", ", a"))


@pytest.mark.parametrize(("max_gap", "is_restored"), [(0, False), (2, False), (3, True), (32, True)])
def test_max_gap(max_gap: int, *, is_restored: bool) -> None:
    """So many words go back in at most: here three."""
    text = restored("burned paraffin", LAMP, max_gap=max_gap)
    assert (text == "burned cheap and smoky paraffin") == is_restored


@pytest.mark.parametrize(
    ("answer", "marked", "kind"),
    [
        ("January 1985", BIRTH, "date"),
        ("Wilhelm Holm", RAYS, "name"),
        ("burned paraffin", LAMP, "any"),
        ("Bank Scotia", "The Bank [[of Nova ]]Scotia failed.", "title"),
        ("The Road to Kelm", "He sang “The [[long grey ]]Road to Kelm” twice.", "quote"),
        ("from config.max limit", "It reads `from config.max [[retry ]]limit` there.", "identifier"),
        ("3 crowns", "It cost [[about ]]3 [[gold ]]crowns.", "any"),
        ("5 000 miles", "It flew 5 [[400 ]]000 miles.", "number"),
    ],
)
def test_kinds(answer: str, marked: str, kind: str) -> None:
    """A replacement says what was damaged; a kind that is not wanted is left alone."""
    found = recoverer(marked).recover(answer)
    assert [replacement.kind for replacement in found.replacements] == [kind]
    others = [name for name in RecoveryOptions().kinds if name != kind]
    assert restored(answer, marked, kinds=others) == answer


def test_min_match_counts_the_words_around() -> None:
    """The longer the quotation in a sentence, the more evidence there is; a strict option needs more."""
    answer = "They say the lamp of the lighthouse burned paraffin until noon."
    assert restored(answer, LAMP) != answer
    assert restored(answer, LAMP, min_match=60) == answer


# Several sources


def test_the_longest_match_decides() -> None:
    """The answer quotes more of the second passage."""
    first = "The lamp burned [[thin ]]paraffin at dawn."
    second = "The lamp burned [[very thick ]]paraffin at dusk."
    assert "burned very thick paraffin" in restored("The lamp burned paraffin at dusk.", first, second)


def test_then_the_shortest_span_decides() -> None:
    """Both match as far; less was dropped in the second."""
    first = "The lamp burned [[very old and thick ]]paraffin."
    second = "The lamp burned [[thin ]]paraffin."
    assert restored("The lamp burned paraffin.", first, second) == "The lamp burned thin paraffin."


def test_then_the_better_passage_decides() -> None:
    """Both match as far and are as long; the first passage is the better one, whatever its index."""
    passages = ["The lamp burned [[dear ]]paraffin.", "The lamp burned [[poor ]]paraffin."]
    assert restored("The lamp burned paraffin.", *passages) == "The lamp burned dear paraffin."
    assert restored("The lamp burned paraffin.", *passages[::-1]) == "The lamp burned poor paraffin."


def test_the_order_of_a_result_is_that_of_relevance() -> None:
    """In a result the relevance ranks, not the place in the text."""
    made = result("The lamp burned [[dear ]]paraffin.", "The lamp burned [[poor ]]paraffin.")
    turned = made.model_copy(update={"passages": made.passages[::-1]})
    assert recover("The lamp burned paraffin.", turned).text == "The lamp burned dear paraffin."


def test_a_tie_is_left_alone_and_listed() -> None:
    """Two places of one passage that differ in what was dropped: no one can tell."""
    marked = "The lamp burned [[dear ]]oil. The lamp burned [[poor ]]oil."
    found = recoverer(marked).recover("It said: the lamp burned oil")
    assert found.text == "It said: the lamp burned oil"
    assert found.replacements == ()
    (tie,) = found.ambiguous
    assert (tie.start, tie.end, tie.before) == (18, 28, "burned oil")
    assert set(tie.choices) == {"burned dear oil", "burned poor oil"}
    assert tie.passages == (0, 0)


def test_results_tie_with_each_other() -> None:
    """The best passages of two results are equally good."""
    results = [result("The lamp burned [[dear ]]oil."), result("The lamp burned [[poor ]]oil.")]
    found = recover("The lamp burned oil.", results)
    assert found.text == found.answer
    assert len(found.ambiguous) == 1


def test_the_same_damage_in_several_places_is_no_tie() -> None:
    """Where all sources agree on what was dropped it is restored."""
    marked = "The lamp burned [[dear ]]oil. The lamp burned [[dear\n]]oil."
    assert restored("The lamp burned oil.", marked) == "The lamp burned dear oil."


def test_many_places_alike_are_told_apart_by_more_words() -> None:
    """Forty gaps between the same two words: the words beside these decide."""
    towns = [f"In town{n} lamps burned [[good{n} ]]oil from mill{n}." for n in range(40)]
    found = recoverer(" ".join(towns)).recover("In town7 lamps burned oil from mill7.")
    assert found.text == "In town7 lamps burned oil from mill7."  # the words within two are the same forty times
    near = [f"In town{n} burned [[good{n} ]]oil from mill{n}." for n in range(40)]
    assert "town7 burned good7 oil" in restored("In town7 burned oil from mill7.", " ".join(near))


@pytest.mark.parametrize(
    ("answer", "marked"),
    [
        pytest.param("日本", "昨日[[の]]本は港の図書館で借りた。", id="a word of two characters"),
        pytest.param("中国。", "家中[[的]]国旗很大。", id="the same, with a full stop"),
        pytest.param("韓國國會", "韓國[[民主建]]國會在首爾。", id="two words of two characters"),
        pytest.param("New York", "He took a new [[ferry from ]]York to the sea.", id="a name, and common words"),
        pytest.param("White House.", "They saw the white [[walls of the ]]house.", id="the same in lower case"),
        pytest.param("The Red Sea", "The red [[sails on the ]]sea were seen.", id="a name behind an article"),
        pytest.param(
            "On the western coast the sea is rough.", "The [[Great ]]Western Railway was old.", id="no name there"
        ),
        pytest.param("It was Anna Wilhelm Holm", RAYS, id="another person's name before"),
        pytest.param("It was Wilhelm Holm Berg", RAYS, id="another person's name behind"),
        pytest.param(
            "The lamp burned paraffin-free oil.", "The lamp burned [[cheap ]]paraffin.", id="a part of a word"
        ),
    ],
)
def test_other_words_that_match_stay(answer: str, marked: str) -> None:
    """A right answer is not changed for having words of kept text on both sides of a gap."""
    assert restored(answer, marked) == answer


def test_a_common_word_on_one_side_says_nothing() -> None:
    """However much follows on the other side, amid a sentence."""
    marked = "It was the first [[hip hop artist ever to ]]win a prize in New England. " + "It was first. " * 20
    answer = "They got his first win a prize in New England has, trying."
    assert restored(answer, marked) == answer


def test_many_pieces_of_one_passage_are_one_source() -> None:
    """An engine may split a node whose metadata has all of the source."""
    marked = "The lamp at Gull Point burned [[cheap and smoky ]]paraffin in winter."
    answer = "The lamp at Gull Point burned paraffin in winter."
    assert restored(answer, *[marked] * 40) == marked.replace("[[", "").replace("]]", "")


def test_a_place_is_ambiguous_once() -> None:
    """However often a stream comes to it."""
    marked = "Here the big lamp burned [[dear ]]Oil. Here the big lamp burned [[poor ]]Oil."
    made = recoverer(marked, options=RecoveryOptions(complete_names=True, min_match=0)).stream()
    for letter in "Here the big lamp burned Oil Lamp Kelm and so":
        made.feed(letter)
    made.finish()
    assert len(made.ambiguous) == 1


def test_a_completed_name_is_not_restored_again() -> None:
    """Two sources would make a name that none has."""
    marked = ("We saw Wilhelm Conrad Holm [[soon ]]come.", "We saw Conrad [[Maria ]]Holm.")
    found = recoverer(*marked, options=RecoveryOptions(complete_names=True)).recover("Conrad Holm came.")
    spans = [(one.start, one.end) for one in found.replacements]
    assert len(spans) <= 1
    assert "Conrad Maria Holm" not in found.text or "Wilhelm" not in found.text


def test_json_values_are_quotations_wherever_they_stand() -> None:
    """Before another key as at the end."""
    for answer in ('{"b": "c", "a": "lamp burned paraffin"}', '{"a": "lamp burned paraffin", "b": "c"}'):
        assert "burned cheap paraffin" in restored(answer, "Here the lamp burned [[cheap ]]paraffin all night.")


def test_gaps_of_different_sources_are_not_restored_beside_each_other() -> None:
    """The answer follows the first passage up to a word, and another one from there: only one can be quoted."""
    found = restored("burned oil well", "They burned [[cheap ]]oil.", "The oil [[is ]]well kept.", min_match=0)
    assert found == "burned cheap oil well"


# Names


def test_a_name_that_stands_in_a_source_is_completed_on_request_only() -> None:
    """The name stands elsewhere as it is: it is not damaged, though it could be longer."""
    marked = (RAYS, "Later Wilhelm Holm sold them.")
    assert restored("Wilhelm Holm", *marked) == "Wilhelm Holm"
    assert restored("Wilhelm Holm", *marked, complete_names=True) == "Wilhelm Conrad Holm"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("It was Holm.", "It was Wilhelm Conrad Holm."),
        ("Holm", "Wilhelm Conrad Holm"),
        ("Holm came. Then Holm left.", "Wilhelm Conrad Holm came. Then Holm left."),
        ("Wilhelm Conrad Holm came. Holm left.", "Wilhelm Conrad Holm came. Holm left."),
        ("Ann Holm came.", "Ann Holm came."),
        ("a holm oak", "a holm oak"),
        ("Anna-Holm", "Anna-Holm"),
        ("see [1] `Holm`", "see [1] `Holm`"),
    ],
)
def test_the_end_of_a_name_is_completed_where_it_is_first_used(answer: str, expected: str) -> None:
    """A family name gets its first names, once, on request."""
    assert restored(answer, RAYS, complete_names=True) == expected
    assert restored("It was Holm.", RAYS) == "It was Holm."


def test_the_first_word_of_a_sentence_is_no_part_of_a_name_unless_it_is_elsewhere() -> None:
    """What only begins sentences may be any word; a title is a name, and so is what has its capital elsewhere."""
    assert restored("Holm", "Then Ada Holm [[also ]]came.", complete_names=True) == "Holm"
    assert restored("Holm", "Ada Holm\nShe [[also ]]came.", complete_names=True) == "Ada Holm"
    assert restored("Holm", "Ada Holm [[also ]]came. We saw Ada.", complete_names=True) == "Ada Holm"


def test_an_end_that_two_names_share_is_not_completed() -> None:
    """Nobody knows which Holm it was."""
    assert restored("It was Holm.", RAYS, "We saw Ada Maria Holm.", complete_names=True) == "It was Holm."


# The record


def test_a_replacement_says_where_it_comes_from() -> None:
    """Spans are of the answer handed in and of the source; the source has what stands there now."""
    found = recoverer("Nothing here.", RAYS).recover("Was it Wilhelm Holm?")
    (only,) = found.replacements
    assert (only.start, only.end, only.before, only.after) == (7, 19, "Wilhelm Holm", "Wilhelm Conrad Holm")
    source = RAYS.replace("[[", "").replace("]]", "")
    assert source[only.source_start : only.source_end] == "Wilhelm Conrad Holm"
    assert (only.passage, only.result, only.kind) == (1, 0, "name")
    assert only.reason == "1 word dropped here; 1 before and 1 after match"


def test_gaps_that_share_a_word_are_one_replacement() -> None:
    """The word between two gaps is not replaced twice."""
    found = recoverer("The [[old ]]harbour [[of Kelm ]]froze.").recover("The harbour froze.")
    (only,) = found.replacements
    assert (only.before, only.after) == ("The harbour froze", "The old harbour of Kelm froze")
    assert (only.source_start, only.source_end) == (0, 29)


def test_the_replacements_make_the_text() -> None:
    """Putting each replacement in its place of the answer gives the text."""
    marked = "Ida [[Maria ]]Brook walked [[slowly ]]home on January [[20, ]]1985 [[or later ]]with her dog."
    found = recoverer(marked).recover("She, Ida Brook walked home on January 1985 with her dog!")
    text, at = "", 0
    for replacement in found.replacements:
        text += found.answer[at : replacement.start] + replacement.after
        at = replacement.end
    assert text + found.answer[at:] == found.text
    assert found.text == "She, Ida Maria Brook walked slowly home on January 20, 1985 or later with her dog!"


def test_an_answer_survives_json_and_is_frozen() -> None:
    """What was recovered can be stored, and not be changed."""
    found = recoverer(RAYS).recover("Wilhelm Holm")
    assert RecoveredAnswer.model_validate_json(found.model_dump_json()) == found
    with pytest.raises(ValidationError, match="frozen"):
        found.text = ""  # type: ignore[misc]


# What is handed in


def test_a_result_its_json_and_its_passages_give_the_same() -> None:
    """However the provenance travels, the answer is the same."""
    made = result(RAYS, BIRTH, question="Who?")
    answer = "Wilhelm Holm, January 1985"
    expected = recover(answer, made)
    assert expected.text == "Wilhelm Conrad Holm, January 20, 1985"
    assert recover(answer, made.model_dump_json()) == expected
    assert recover(answer, [made]).text == expected.text
    assert recoverer(RAYS, BIRTH, question="Who?").recover(answer) == expected


def test_what_stands_in_a_dropped_passage_of_a_result_is_not_touched() -> None:
    """Passages that were dropped as a whole are sources, too."""
    assert recover("Wilhelm Holm", result(RAYS, dropped=("Wilhelm Holm came.",))).text == "Wilhelm Holm"


def test_what_stands_in_the_question_is_not_touched() -> None:
    """A name as the question has it may be repeated."""
    assert recover("Wilhelm Holm", result(RAYS, question="When did Wilhelm Holm die?")).text == "Wilhelm Holm"


def test_several_results() -> None:
    """A replacement says which result it comes from."""
    found = recover("Wilhelm Holm, January 1985", [result(RAYS), result(BIRTH).model_dump_json()])
    assert [(r.result, r.passage) for r in found.replacements] == [(0, 0), (1, 0)]


def test_a_result_without_sources_names_the_option() -> None:
    """What was dropped can only come from the sources."""
    with pytest.raises(InvalidInputError, match="include_source=True"):
        Recoverer(result(RAYS, include_source=False))


@pytest.mark.parametrize("spans", [((3, 1),), ((0, 99),), ((-1, 2),), ((0, 4), (2, 6))])
def test_spans_must_fit_their_source(spans: tuple[tuple[int, int], ...]) -> None:
    """Spans that were mixed up are refused, with the passage's index."""
    with pytest.raises(InvalidInputError, match="spans of passage 7"):
        Recoverer.from_sources([SourcePassage(index=7, source="one two", spans=spans)])


def test_wrong_input_is_refused() -> None:
    """Errors say what came."""
    with pytest.raises(InvalidInputError, match="not the JSON of a result"):
        recover("x", "{}")
    with pytest.raises(InvalidTypeError, match="type int"):
        Recoverer(3)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="type bytes"):
        Recoverer(b"{}")  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="type int"):
        recover(3, result(RAYS))  # type: ignore[arg-type]
    assert recover("\ud800", result(RAYS)).text == "\ud800"  # a model wrote it, and its answer is not lost
    with pytest.raises(OptionsError, match="has no option"):
        RecoveryOptions(gap=3)  # type: ignore[call-arg]


@pytest.mark.parametrize("options", [{}, {"max_gap": 1}, (), "names", 3])
def test_options_of_another_type_are_refused(options: Any) -> None:
    """Also where they are empty."""
    with pytest.raises(InvalidTypeError, match="give RecoveryOptions"):
        recover("x", result(RAYS), options=options)


@pytest.mark.parametrize("chunk", [b"", b"a", None, 3, ["a"]])
def test_a_chunk_of_another_type_is_refused(chunk: Any) -> None:
    """Also where it is empty; the stream can go on."""
    stream = recoverer(RAYS).stream()
    with pytest.raises(InvalidTypeError, match="the chunk is of type"):
        stream.feed(chunk)
    assert stream.feed("Wilhelm Holm. ") == "Wilhelm Conrad Holm. "


@pytest.mark.parametrize("found", [[[result(RAYS)]], [3], [b"{}"], bytearray(b"{}"), {"a": 1}, None])
def test_results_of_another_type_are_refused(found: Any) -> None:
    """Also within a list, however deep."""
    with pytest.raises(InvalidTypeError, match="give a CompressionResult"):
        Recoverer(found)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "\ud800", "", '{"text": "\\ud800"}', "null"])
def test_json_of_something_else_is_refused(text: str) -> None:
    """Deeply nested, or with what is no character."""
    with pytest.raises(InvalidInputError, match="not the JSON of a result"):
        recover("x", text)


def test_empty_and_touching_spans_are_no_gaps() -> None:
    """Only what lies between kept text was dropped."""
    source = "The light at Gull Point was first lit on a clear night in March 1884."
    spans = ((0, 9), (9, 9), (9, 13), (13, 28), (40, 40), (54, 60), (60, 69), (69, 69))
    made = Recoverer.from_sources([SourcePassage(index=0, source=source, spans=spans)])
    assert made.recover("The light at Gull Point was in March 1884.").text == source
    empty = Recoverer.from_sources([SourcePassage(index=0, source=source, spans=((3, 3), (5, 5)))])
    assert empty.recover("The light was lit").text == "The light was lit"


@pytest.mark.parametrize(
    "relevance", [10**400, pytest.param(-(10**5000), id="too long to print"), float("nan"), float("inf"), "high", [1]]
)
def test_a_relevance_that_is_no_number_is_refused(relevance: Any) -> None:
    """Passages could not be ranked by it."""
    with pytest.raises(InvalidInputError, match="provenance of document 0 has the relevance"):
        Recoverer.from_provenance([("x", {"spans": [[0, 1]], "relevance": relevance})])


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([[0, 10**400]], "spans of passage 0"),
        pytest.param([[0, 10**5000]], "spans of passage 0", id="too long to print"),
        ([[0, "x"]], "provenance of document 0 cannot be read"),
        ([[[[0]]]], "provenance of document 0 cannot be read"),
        ("spans", "provenance of document 0 cannot be read"),
    ],
)
def test_provenance_with_spans_of_any_kind_is_refused(spans: Any, message: str) -> None:
    """The message names the document."""
    with pytest.raises(InvalidInputError, match=message):
        Recoverer.from_provenance([("x", {"spans": spans, "source_text": "x y"})])
    with pytest.raises(InvalidInputError, match=message):
        check_provenance([("x", {"spans": spans, "source_text": "x y"})])


@pytest.mark.parametrize("source", [3, ["x"], {"x": 1}, "x \ud800"])
def test_provenance_with_a_source_of_another_type_is_refused(source: Any) -> None:
    """Also where it has what is no character."""
    with pytest.raises(InvalidInputError, match="provenance of document 0 cannot be read"):
        Recoverer.from_provenance([("x", {"spans": [[0, 1]], "source_text": source})])


@pytest.mark.parametrize("document", ["xy", 3, ("x",), (b"x", {}), (None, None)])
def test_documents_of_another_type_are_refused(document: Any) -> None:
    """A document is a pair of its text and its provenance."""
    with pytest.raises(InvalidTypeError, match="document 0 is of type"):
        Recoverer.from_provenance([document])


def test_passages_and_questions_of_another_type_are_refused() -> None:
    """Before anything is read."""
    with pytest.raises(InvalidTypeError, match="a passage is of type str"):
        Recoverer.from_sources(["x"])  # type: ignore[list-item]
    with pytest.raises(InvalidTypeError, match="the question is of type int"):
        Recoverer.from_sources([passage(RAYS)], question=3)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="the question holds the lone surrogate"):
        Recoverer.from_sources([passage(RAYS)], question="\ud800")


def test_no_passages() -> None:
    """Without sources there is nothing to restore."""
    empty = CompressionResult(**{**result().model_dump(), "text": ""})
    assert recover("Wilhelm Holm", empty).text == "Wilhelm Holm"


def test_options_of_a_recoverer_stay() -> None:
    """Options that are changed later do not reach it."""
    options = RecoveryOptions()
    made = recoverer(LAMP, options=options)
    options.max_gap = 0
    assert made.recover("burned paraffin").replacements


def test_many_threads_share_a_recoverer() -> None:
    """Answers of many threads do not mix."""
    marked = " ".join(f"Keeper{n} of tower{n} ate [[{n} cold ]]fish{n} here." for n in range(60))
    shared = recoverer(marked)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: shared.recover(f"Keeper{n} of tower{n} ate fish{n} here.").text, range(60)))
    assert found == [f"Keeper{n} of tower{n} ate {n} cold fish{n} here." for n in range(60)]


def test_the_whole_compressed_text_comes_back_as_its_source() -> None:
    """An answer that repeats all that was kept gets back all that was dropped within sentences."""
    marked = (RAYS, LAMP, BIRTH)
    assert restored(compressed(*marked), *marked) == "\n\n".join(
        text.replace("[[", "").replace("]]", "") for text in marked
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "SourcePassage needs index, .*SourcePassage needs source, .*SourcePassage needs spans, which is missing"),
        ({"index": "x"}, "index='x' is not allowed: .*valid integer"),
        ({"source": 5}, "source=5 is not allowed: .*valid string"),
        ({"source": "a\ud800"}, "the source holds the lone surrogate"),
        ({"spans": 3}, "spans=3 is of type int; give a list"),
        ({"spans": [["a", 1]]}, "spans.0.0='a' is not allowed"),
    ],
)
def test_a_passage_that_is_refused(values: dict[str, Any], message: str) -> None:
    """What cannot be a passage raises an error of ours that names the value, in each way to build one."""
    values = {"index": 0, "source": "one two", "spans": ((0, 3),), **values} if values else {}
    with pytest.raises(InvalidInputError, match=message):
        SourcePassage(**values)
    with pytest.raises(InvalidInputError, match=message):
        SourcePassage.model_validate(values)


@pytest.mark.parametrize("values", [5, None, "text", b"text"])
def test_lists_of_passages_and_documents(values: Any) -> None:
    """What is no list is an error of ours."""
    with pytest.raises(InvalidTypeError, match=r"passages is of type .*; give a list of SourcePassage"):
        Recoverer.from_sources(values)
    with pytest.raises(InvalidTypeError, match=r"documents is of type .*; give a list of pairs"):
        Recoverer.from_provenance(values)


def test_a_passage_without_names() -> None:
    """Values by position are an error of ours."""
    build: Any = SourcePassage
    with pytest.raises(InvalidTypeError, match="SourcePassage got 0 without a name"):
        build(0, "one", ())
