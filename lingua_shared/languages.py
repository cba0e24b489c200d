"""Restrictive sentences by language, and which language a question is in, as far as its script tells.

The restrictive sentence follows the question when passages are ranked and ties the question to them
(LongLLMLingua, section 4.1). Knows no model.
"""

from collections.abc import Mapping
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
_LETTER = re.compile(r"\p{L}")
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
