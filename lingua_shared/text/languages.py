"""Restrictive sentences by language, and which language a text is in, as far as script and common words tell.

The restrictive sentence follows the question when passages are ranked and ties the question to them
(LongLLMLingua, section 4.1). Knows no model.
"""

from collections.abc import Mapping, Sequence
from string import ascii_letters
from types import MappingProxyType

import regex as re

LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "en": " We can get the answer to this question in the given documents.",
        "de": " Die Antwort auf diese Frage steht in den gegebenen Dokumenten.",
        "es": " La respuesta a esta pregunta se encuentra en los documentos dados.",
        "fr": " La réponse à cette question se trouve dans les documents donnés.",
        "it": " La risposta a questa domanda si trova nei documenti dati.",
        "pt": " A resposta a esta pergunta está nos documentos dados.",
        "nl": " Het antwoord op deze vraag staat in de gegeven documenten.",
        "ro": " Răspunsul la această întrebare se găsește în documentele date.",
        "tr": " Bu sorunun cevabı verilen belgelerde bulunabilir.",
        "vi": " Câu trả lời cho câu hỏi này có trong các tài liệu đã cho.",
        "ru": " Ответ на этот вопрос можно найти в данных документах.",
        "el": " Η απάντηση σε αυτή την ερώτηση βρίσκεται στα δοθέντα έγγραφα.",
        "ar": " يمكننا أن نجد إجابة هذا السؤال في الوثائق المعطاة.",
        "hi": " इस प्रश्न का उत्तर दिए गए दस्तावेज़ों में मिल सकता है।",
        "th": " คำตอบของคำถามนี้อยู่ในเอกสารที่ให้มา",
        "zh": "我们可以在给定的文档中找到这个问题的答案。",
        "ja": "この質問の答えは与えられた文書の中にあります。",
        "ko": " 이 질문의 답은 주어진 문서에서 찾을 수 있습니다.",
    }
)
"""The restrictive sentence of each language, with the space that parts it from the question."""

_SCRIPTS = {
    "ja": r"[\p{Hiragana}\p{Katakana}]",
    "ko": r"\p{Hangul}",
    "zh": r"\p{Han}",
    "th": r"\p{Thai}",
    "hi": r"\p{Devanagari}",
    "ar": r"\p{Arabic}",
    "el": r"\p{Greek}",
    "ru": r"\p{Cyrillic}",
}


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_LETTER = re.compile(r"\p{L}")
_WORD = re.compile(r"[\p{L}']+")
_ENGLISH = _words(
    "the and who whom whose what which when where why how",
    "are were did does has have had been would",
    "from with into by that this these their its",
)
"""Common English words that are no common words of other languages in Latin letters, as "in", "is" and "was" are."""

_OTHERS = _words(
    "der die das den dem und ist wer wann wo wie ein eine von im",
    "el la los las del que quien cuando donde una por es en",
    "le les des du et est qui quand une dans au",
    "il di che chi dove gli nel sono",
    "o os da quem onde uma em no na",
    "het een van wie wat zijn niet",
    "og er hvem hvor til av som en et",
    "yang dan apa siapa dari untuk adalah",
    "ve bir kim hangi bu ne",
    "cine ce este din de la pe un",
)
"""Common words of other languages in Latin letters: they tell only where there are hardly any English ones."""

_LEAST_SHARE = 0.04
_ENOUGH_WORDS = 20
_SAMPLED_PASSAGES, _SAMPLE = 10, 200
"""Of so many passages, so many characters of the head and as many of the middle tell the language."""

_MARKED = {language: re.compile(pattern) for language, pattern in _SCRIPTS.items()}


def restrictive_sentence(question: str, language: str = "auto") -> str:
    """Return the restrictive sentence of a language; "auto" goes by the question's script.

    A question in Latin script gets the English sentence: letters alone do not tell Spanish from Romanian.
    """
    return LANGUAGES[detect_language(question) if language == "auto" else language]


def detect_language(text: str) -> str:
    """Return the first language whose script makes up at least a fifth of the letters, else "en"."""
    letters = len(_LETTER.findall(text))
    for language, pattern in _MARKED.items():
        if letters and len(pattern.findall(text)) * 5 >= letters:
            return language
    return "en"


def is_english(question: str, passages: Sequence[str]) -> bool:
    """Whether a question and the passages are all in English, as far as common words and letters tell.

    Text without any such word, such as "Gull Point lighthouse keeper" or a list of prices, counts as English where all
    of its letters are of the English alphabet.
    """
    samples = (_sample(passage) for passage in passages[:_SAMPLED_PASSAGES])
    return _seems_english(question) and _seems_english(" ".join(samples))


def _sample(text: str) -> str:
    middle = max(_SAMPLE, len(text) // 2)
    return f"{text[:_SAMPLE]} {text[middle : middle + _SAMPLE]}"


def _seems_english(text: str) -> bool:
    foreign = sum(letter not in ascii_letters for letter in _LETTER.findall(text))
    if foreign * 5 >= len(text.strip()) > 0:
        return False
    words = _WORD.findall(text.lower())
    english = sum(word in _ENGLISH for word in words)
    is_long = len(words) >= _ENOUGH_WORDS
    if is_long and english >= _LEAST_SHARE * len(words):
        return True
    return english >= sum(word in _OTHERS for word in words) and (not foreign or (english > 0 and not is_long))
