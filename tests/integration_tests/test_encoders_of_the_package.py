"""The encoders that come with the package, on texts in several languages: what a newcomer gets with no choice made."""

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


@pytest.fixture(name="compressor", scope="module")
def _compressor() -> PromptCompressor:
    return PromptCompressor()


@pytest.mark.parametrize("language", CASES)
def test_the_sentence_that_answers_is_kept(compressor: PromptCompressor, language: str) -> None:
    """By the encoder for the language, which ranks its passage first and cuts no name."""
    model, question, passages, answer = CASES[language]
    options = CompressionOptions(rate=0.4, unit="sentence")
    result = compressor.compress(passages, question=question, options=options)
    assert (result.method, result.model) == ("encoder", model)
    assert result.passages[0].index == 2
    assert answer in result.passages[0].text
    assert result.rate <= 0.4


def test_requests_in_two_languages_do_not_disturb_each_other(compressor: PromptCompressor) -> None:
    """One compressor holds both encoders."""
    requests = [CASES["English"], CASES["German"], CASES["English"]]
    options = CompressionOptions(rate=0.4)
    first, _, again = (compressor.compress(p, question=q, options=options) for _, q, p, _ in requests)
    assert (first.text, first.evidence) == (again.text, again.evidence)


def test_nothing_answers(compressor: PromptCompressor) -> None:
    """The probability that an answer is there falls when the passage that answers is gone, in any language."""
    for _, question, passages, _ in CASES.values():
        options = CompressionOptions(rate=0.4)
        there = compressor.compress(passages, question=question, options=options).evidence
        gone = compressor.compress(passages[:2], question=question, options=options).evidence
        assert there is not None
        assert gone is not None
        assert there > 0.5 > gone
