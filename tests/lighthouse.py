"""Texts for the recovery tests of both adapters: sources, compressed text, answers."""

QUESTION = "When was the lighthouse at Gull Point lit by Ada Marsh?"
SOURCE = "The lighthouse at Gull Point was first lit on a clear and cold night in March 1884 by its keeper Ada Marsh."
KEPT = "The lighthouse at Gull Point was lit by keeper Ada Marsh."
TEXTS = (
    "The harbour cafe sells tea. It opens at nine in the morning, and closes late in the evening.",
    SOURCE,
    "Ferries leave every hour. Tickets are sold on board, for cash only, by the purser and his mate.",
)
ANSWER = f"I read this: {KEPT} I know no more."
RECOVERED = f"I read this: {SOURCE} I know no more."
REPLACEMENT = {
    "path": [],
    "start": 13 + 29,
    "end": 13 + 46,
    "before": "was lit by keeper",
    "after": "was first lit on a clear and cold night in March 1884 by its keeper",
    "passage": 0,
    "source_start": 29,
    "source_end": 96,
    "kind": "any",
    "result": 0,
}
"""The replacement between the two answers, without its reason."""
