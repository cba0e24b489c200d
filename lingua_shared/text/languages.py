"""Restrictive sentences by language, and the language of a text by its script and its common words. No model is used.

The restrictive sentence is put behind the question when passages are ranked with a causal model; it ties the question
to the passages (LongLLMLingua, section 4.1).
"""

from collections.abc import Iterator, Mapping, Sequence
from string import ascii_letters
from types import MappingProxyType
from unicodedata import normalize

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
"""Restrictive sentence of each language, with the space that separates it from the question."""

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


_ENGLISH = _words(
    "the and who whom whose what which when where why how that this these those there",
    "of to for from with into by about between after before during because",
    "are were did does has have had been would could should can",
    "it its their they you your we our his not but or if than more other only each",
)
"""Common English words, without those that are also common in another language, such as "in", "is" and "was"."""

_ASKING = _words(
    "wer wann warum wieviel welche welcher welches quien cuando donde quand quel quelle quels quelles combien pourquoi",
    "dove quanto quanti quale quali quem onde qual quais quantos quantas quando waar wanneer welke hoeveel waarom",
    "hvem hvor hva hvordan hvorfor hvilken hvilket hvilke vem vad hur varför når kapan kapankah siapa siapakah apakah",
    "berapa berapakah dimana dimanakah darimana darimanakah mengapa bagaimana hangi kto kiedy gdzie",
)
"""Question words of other languages in Latin letters."""

_OTHER = _ASKING | _words(
    "der die das den dem des und ist wo wie ein eine einer von im zu auf mit nicht sind wird wurde wurden auch sich",
    "oder zum zur nach bei aus wen wem kann",  # German
    "el la los las del que una por es en con para como entre fue su",  # Spanish
    "le les des du et est qui une dans au aux sont pour avec sur cette ces ne pas",  # French
    "il di che chi gli nel nella della dei delle degli sono alla dal",  # Italian
    "da uma em na das dos ao pelo pela foi com",  # Portuguese
    "het een van wie wat zijn niet hoe werd voor naar bij",  # Dutch
    "og er til av som en et det ikke fra med ble blir och att ett",  # Scandinavian
    "yang dan apa dari untuk adalah mana pada ini itu dengan oleh",  # Indonesian
    "ve bir kim bu ile olarak ne kadar",  # Turkish
    "cine ce este din de pe un",  # Romanian
    "co jest nie jak oraz przez",  # Polish
)
"""Common words of other languages in Latin letters."""

_IN_NAMES = _words("de del della der den di da das do dos du des la las le les los van von zu al el en")
"""Words that stand in names, as in "Rio de Janeiro"."""

_ELIDED = re.compile(r"(?i:l|d|qu|c|n|j|un|all|dell|nell|dall)'\p{Ll}")
"""Beginning of a French or Italian word in front of which a vowel is left out, as in "l'eau"; not "d'Angers"."""

_LETTER = re.compile(r"\p{L}")
_PHRASE = re.compile(r"(?<![\p{L}'])[\p{L}']++(?:[ \u00a0][\p{L}']++)++")
"""Words with one space between them: running text, not the keys, cells and identifiers of data and code."""

_SPACE = re.compile(r"[ \u00a0]")
_ACCENTED = re.compile(r"(?<![\p{L}'])(?=\p{Ll})[a-z']*+[^\P{L}a-zA-Z][\p{L}']*+")
"""A word in lower case with a letter that English does not have."""

_MAX_FOREIGN_SHARE = 0.2
_SAMPLED_PASSAGES, _SAMPLE = 10, 200
"""Passages that tell the language, and characters of each at its start and in its middle."""

_MARKED = {language: re.compile(pattern) for language, pattern in _SCRIPTS.items()}


def restrictive_sentence(question: str, language: str = "auto") -> str:
    """Return the restrictive sentence for a question.

    Args:
        question: the question.
        language: a key of `LANGUAGES`, or "auto" for the language of the question's script. That is English for all
            Latin letters, which do not tell Spanish from Romanian.
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
    """Whether a question and the passages are both in English.

    Goes by letters and common words in running text; names, codes, data and program code do not count. So a text
    without common words, such as "Gull Point lighthouse keeper", a table or a JSON list, counts as English unless its
    letters say otherwise.

    Args:
        question: the question; "" for none.
        passages: texts, judged together by a sample.
    """
    samples = (_sample(passage) for passage in passages[:_SAMPLED_PASSAGES])
    return _seems_english(question) and _seems_english("\n".join(samples))


def _sample(text: str) -> str:
    middle = max(_SAMPLE, len(text) // 2)
    return f"{text[:_SAMPLE]}\n{text[middle : middle + _SAMPLE]}"


def _seems_english(text: str) -> bool:
    text = normalize("NFC", text.lower() if text.isupper() else text).replace("’", "'")
    letters = _LETTER.findall(text)
    if sum(letter not in ascii_letters for letter in letters) >= _MAX_FOREIGN_SHARE * max(1, len(letters)):
        return False
    phrases = [_SPACE.split(phrase.group()) for phrase in _PHRASE.finditer(text)]
    english = sum(word.lower() in _ENGLISH for words in phrases for word in words)
    prose = [word for words in phrases for word in _without_names(words)]
    other = sum(word.lower() in _OTHER or _ELIDED.match(word) is not None for word in prose)
    accented = len(_ACCENTED.findall(text)) + sum(word[0].isupper() and not word.isascii() for word in prose)
    return english >= max(other, accented)


def _without_names(words: Sequence[str]) -> Iterator[str]:
    """Return the words of a phrase that are not part of a name or a code, such as "LA" and "Rio de Janeiro".

    A capitalised word is a name, unless it begins the phrase and is a question word or stands before a word in lower
    case that names do not have.
    """
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if word[0].isupper():
            begins = not before and not word.isupper()
            if begins and (word.lower() in _ASKING or (after[:1].islower() and after not in _IN_NAMES)):
                yield word
        elif not (word in _IN_NAMES and _is_in_name(before) and _is_in_name(after)):
            yield word


def _is_in_name(word: str) -> bool:
    return word[:1].isupper() or word in _IN_NAMES
