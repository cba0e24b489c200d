"""Markdown as a prompt without a question: headings, tables, fences, links and front matter stay whole."""

import re

from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor
from tests.documents import random_document
from tests.fakes import OverlapScoring
from tests.integration_tests.test_structured_documents import check_format, check_passage
from tests.prompt_cases import cases, seeded

COMPRESSOR = PromptCompressor(ModelOptions(), scoring=OverlapScoring())
LINK = re.compile(r"!?\[[^\[\]]*\]\([^()]*\)")


def test_random_markdown_without_a_question() -> None:
    """What is left is well-formed, within the budget, and every link in it is one of the source."""
    random = seeded("markdown")
    for number in range(cases(6)):
        document = random_document(random, "markdown")
        is_linked = number % 2 == 1
        text = f"See [the rules]({number}.md#a) first. {document.text}" if is_linked else document.text
        rate = random.uniform(0.1, 0.9)
        result = COMPRESSOR.compress(text, options=CompressionOptions(method="surprisal", rate=rate, on_empty="note"))
        assert result.compressed_tokens <= rate * result.original_tokens + 1e-9
        for passage in result.passages:
            check_passage(passage, text)
            if not is_linked:
                check_format(passage, document, "")
            assert set(LINK.findall(passage.text)) <= set(LINK.findall(text))


FRONT_MATTER = """---
title: The lighthouse
tags: [sea, light]
---

# Tarn Ness

The lamp was lit by [Edmund Colquitt](https://a.example/colquitt) in 1883. It rained for most of the week before.

| year | keeper |
|------|--------|
| 1884 | Ada Marsh |
| 1901 | Ben Hale |

```python
def light(lamp):
    return lamp.on()
```
"""


def test_parts_of_a_page_stay_whole() -> None:
    """At any rate, a row comes with its header, a fence is closed, and front matter is whole or gone."""
    for percent in range(10, 100, 5):
        options = CompressionOptions(method="surprisal", rate=percent / 100, on_empty="note")
        text = COMPRESSOR.compress(FRONT_MATTER, options=options).text
        assert text.count("```") in (0, 2)
        assert "|------|" in text or "Ada Marsh" not in text
        assert ("title: The lighthouse" in text) <= text.startswith("---\ntitle")
        assert LINK.findall(text) in ([], ["[Edmund Colquitt](https://a.example/colquitt)"])
