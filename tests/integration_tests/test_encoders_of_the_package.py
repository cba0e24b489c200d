"""The encoders of the package with default options, on texts in several languages."""

import pytest

from lingua_shared import CompressionOptions, PromptCompressor

ENGLISH, MULTILINGUAL = "lingua-en", "lingua-multilingual"

CASES = {
    "English": (
        ENGLISH,
        "Who built the lighthouse at Gull Point?",
        (
            "The ferry Saint Brannoc leaves the harbour at 10 pm. The crossing to the mainland takes 42 minutes.",
            "The bakery by the market opens at six. On Fridays it sells poppy seed cake and rye bread.",
            "The lighthouse at Gull Point is 24 m tall. It was built by Ada Marsh in 1884, on a raft of timber.",
        ),
        "Ada Marsh",
    ),
    "German": (
        MULTILINGUAL,
        "Wer baute den Leuchtturm am Möwenkap?",
        (
            "Die Fähre Saint Brannoc verlässt den Hafen um 22 Uhr. Die Überfahrt zum Festland dauert 42 Minuten.",
            "Die Bäckerei am Markt öffnet um sechs. Freitags verkauft sie Mohnkuchen und Roggenbrot.",
            "Der Leuchtturm am Möwenkap ist 24 m hoch. Er wurde 1884 von Ada Marsch auf einem Floß aus Holz gebaut.",
        ),
        "Ada Marsch",
    ),
    "Chinese": (
        MULTILINGUAL,
        "海鸥角的灯塔是谁建造的？",
        (
            "圣布兰诺克号渡轮晚上十点离开港口。到大陆的航程需要四十二分钟。",
            "市场旁边的面包店早上六点开门。每周五出售罂粟籽蛋糕和黑麦面包。",
            "海鸥角的灯塔高二十四米。它由马晓玲于一八八四年在木筏上建造。",
        ),
        "马晓玲",
    ),
    "Japanese": (
        MULTILINGUAL,
        "カモメ岬の灯台を建てたのは誰ですか。",
        (
            "フェリー「聖ブラノック」は夜十時に港を出ます。本土までは四十二分かかります。",
            "市場のそばのパン屋は朝六時に開きます。金曜日にはケシの実のケーキを売ります。",
            "カモメ岬の灯台の高さは二十四メートルです。灯台は一八八四年に佐藤花子が建てました。",
        ),
        "佐藤花子",
    ),
    "Arabic": (
        MULTILINGUAL,
        "من بنى منارة رأس النورس؟",
        (
            "تغادر العبارة الميناء في العاشرة مساء. تستغرق الرحلة إلى البر الرئيسي اثنتين وأربعين دقيقة.",
            "يفتح المخبز قرب السوق في السادسة صباحا. ويبيع كعك الخشخاش يوم الجمعة.",
            "يبلغ ارتفاع منارة رأس النورس أربعة وعشرين مترا. بنت المنارة ليلى حداد عام 1884.",
        ),
        "ليلى حداد",
    ),
}


@pytest.mark.parametrize("language", CASES)
def test_the_sentence_that_answers_is_kept(default_compressor: PromptCompressor, language: str) -> None:
    """The encoder for the language ranks its passage first and cuts no name."""
    model, question, passages, answer = CASES[language]
    options = CompressionOptions(rate=0.4, unit="sentence")
    result = default_compressor.compress(passages, question=question, options=options)
    assert (result.method, result.model) == ("encoder", model)
    assert result.passages[0].index == 2
    assert answer in result.passages[0].text
    assert result.rate <= 0.4


def test_requests_in_two_languages_do_not_disturb_each_other(default_compressor: PromptCompressor) -> None:
    """One compressor uses both encoders."""
    requests = [CASES["English"], CASES["German"], CASES["English"]]
    options = CompressionOptions(rate=0.4)
    first, _, again = (default_compressor.compress(p, question=q, options=options) for _, q, p, _ in requests)
    assert (first.text, first.answerability) == (again.text, again.answerability)


def test_nothing_answers(default_compressor: PromptCompressor) -> None:
    """The answerability falls when the passage that answers is removed, in any language."""
    for _, question, passages, _ in CASES.values():
        options = CompressionOptions(rate=0.4)
        there = default_compressor.compress(passages, question=question, options=options).answerability
        gone = default_compressor.compress(passages[:2], question=question, options=options).answerability
        assert there is not None
        assert gone is not None
        assert there > 0.5 > gone


TIDE = (
    "The Grey Tide is a silent film of 1931, directed by Ada Marsh and shot on the pier in four nights.",
    "The Brannoc Prize is given each year to a silent film. The director of the film gets a bowl of salt.",
    "Born in Colquitt in 1894, she was a baker before she came to films, and went back to bread when sound came.",
    "The harbour museum shows cameras and reels of film. It is closed in winter, and on days of storm.",
)
TITLES = ("The Grey Tide", "Brannoc Prize", "Ada Marsh", "Harbour museum")
WHERE = "Where was the director of the film The Grey Tide born?"


def test_what_the_best_passage_names_is_kept_for_a_question_over_two_steps(
    default_compressor: PromptCompressor,
) -> None:
    """The question does not name the director, but the passage about the film does, and hers begins with her name."""
    passages = [f"{title}\n{text}" for title, text in zip(TITLES, TIDE, strict=True)]
    result = default_compressor.compress(passages, question=WHERE, options=CompressionOptions(rate=0.5))
    assert [passage.index for passage in result.passages][:2] == [0, 2]
    assert "Colquitt" in result.text


def test_titles_say_what_a_passage_does_not(default_compressor: PromptCompressor) -> None:
    """Without titles nothing tells whose birth a passage is about; with them her passage comes second."""
    options = CompressionOptions(rate=0.5)
    without, with_titles = (
        default_compressor.compress(TIDE, question=WHERE, options=options, titles=titles) for titles in (None, TITLES)
    )
    relevance = {p.index: p.relevance for p in (*with_titles.passages, *with_titles.dropped)}
    assert sorted(relevance, key=lambda index: -(relevance[index] or 0.0))[:2] == [0, 2]
    signals = [next(p for p in (*r.passages, *r.dropped) if p.index == 2).signals for r in (without, with_titles)]
    assert (signals[0]["encoder"] or 0.0) < (signals[1]["encoder"] or 0.0)
    assert not any(f"{title}\n" in with_titles.text for title in TITLES)


def test_words_are_chosen_without_a_question() -> None:
    """The token classifier beside the English encoder needs no download, and keeps names and dates before filler."""
    text = (
        "It is well known that, by and large, one of the more interesting things about the place is its lighthouse. "
        "The lighthouse at Gull Point is 24 m tall. It was built by Ada Marsh in 1884, on a raft of timber. Of course "
        "there are many other things that could be said about it, and some of them have been said before."
    )
    result = PromptCompressor().compress([text, text[60:]], options=CompressionOptions(method="llmlingua2", rate=0.4))
    assert result.compressed_tokens <= 0.4 * result.original_tokens
    assert {"Ada", "Marsh", "1884"} <= {word.strip(",.") for word in result.text.split()}
    assert "could be said" not in result.text
    assert result.recipe is not None
    assert result.recipe.models == {"classifier_model": ENGLISH}
