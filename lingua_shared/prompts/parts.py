"""The parts of a prompt before and after compression: instruction, demonstrations and question."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lingua_shared.errors import InvalidInputError, InvalidTypeError, short
from lingua_shared.inputs import as_passages, check_text
from lingua_shared.result import CompressionResult, DroppedPassage, KeptPassage

Role = Literal["instruction", "demonstration", "question"]


@dataclass(frozen=True)
class Prompt:
    """A prompt as it was handed in.

    Attributes:
        texts: the instruction, the demonstrations and the question, in this order; "" where there is none.
    """

    texts: tuple[str, ...]

    @property
    def roles(self) -> tuple[Role, ...]:
        """What each text is."""
        demonstration: Role = "demonstration"
        return ("instruction", *(demonstration for _ in self.demonstrations), "question")

    @property
    def demonstrations(self) -> range:
        """The numbers of the demonstrations."""
        return range(1, len(self.texts) - 1)

    @property
    def question(self) -> int:
        """The number of the question."""
        return len(self.texts) - 1


def as_prompt(instruction: str, demonstrations: str | Sequence[str], question: str) -> Prompt:
    """Return what the caller handed in as a prompt.

    Raises:
        InvalidTypeError: a part is no text.
        InvalidInputError: a part holds a lone surrogate, which is no character.
    """
    check_text(instruction, "the instruction")
    check_text(question, "the question")
    if not isinstance(demonstrations, str | Sequence) or isinstance(demonstrations, bytes):
        msg = f"demonstrations is of type {type(demonstrations).__name__}; give a string or a list of strings"
        raise InvalidTypeError(msg)
    return Prompt((instruction, *as_passages(demonstrations or ()), question))


def check_first(indices: Sequence[int], count: int) -> None:
    """Raise where a demonstration that shall come first is not there.

    Args:
        indices: of the option first_demonstrations.
        count: number of demonstrations.

    Raises:
        InvalidInputError: names the indices.
    """
    wrong = [index for index in indices if index >= count]
    if wrong:
        msg = f"first_demonstrations names {short(wrong)}, but there are {count} demonstrations, counted from 0"
        raise InvalidInputError(msg)


class KeptPart(KeptPassage):
    """A part of a prompt that is in the text.

    Attributes:
        role: what it is.
    """

    role: Role


class DroppedPart(DroppedPassage):
    """A demonstration that is not in the text.

    Attributes:
        role: what it is.
    """

    role: Role


class PromptResult(CompressionResult):
    """A compressed prompt. Index 0 is the instruction, then come the demonstrations; the question is last.

    Attributes:
        passages: the parts that were kept, in the order of the text.
        dropped: demonstrations that were left out, those ranked first at the front.
    """

    passages: tuple[KeptPart, ...]
    dropped: tuple[DroppedPart, ...]

    def text_of(self, role: Role) -> str:
        """Return what is kept of the parts of a role; demonstrations are joined by a blank line."""
        return "\n\n".join(part.text for part in self.passages if part.role == role)
