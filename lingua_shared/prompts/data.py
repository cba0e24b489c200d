"""Compresses data in JSON and YAML by rules: texts are shortened, values left out; the rest stays as it is."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from lingua_shared.errors import short
from lingua_shared.prompts.data_rules import DataRules
from lingua_shared.prompts.data_tree import Choice, DataNode, Path, path_text, write_tree
from lingua_shared.prompts.result import ShortenedText
from lingua_shared.prompts.shortening import Shortener
from lingua_shared.prompts.template import Template


@dataclass
class Data:
    """Data that are being compressed.

    Attributes:
        source: the text.
        root: its tree.
        rules: what may be changed.
        shortener: shortens texts and ranks values.
        question: what is asked.
    """

    source: str
    root: DataNode
    rules: DataRules
    shortener: Shortener
    question: str | None = None

    def compress(self) -> tuple[str, list[ShortenedText]]:
        """Return the compressed text, and what was shortened or left out.

        Raises:
            BudgetError: what must stay is larger than the budget of the whole.
        """
        places = self.rules.places(self.root)
        self.shortener.notes += [f"the rule {short(rule)} names no value" for rule in places if not places[rule]]
        named = {path: rule for rule, paths in places.items() for path in paths}
        nodes = {node.path: node for node in self.root.walk()}
        left_out, ranks = self._left_out(named, nodes)
        choice = Choice(self._rates(named), frozenset(left_out), ranks)
        text, parts = Template(write_tree(self.source, self.root, choice), self.shortener, self.question).compress()
        removed = [self._removed(nodes[path]) for path in left_out if not _inside(path, choice.left_out)]
        return text, [*(part for part in parts if part.text != part.source), *removed]

    def _rates(self, named: dict[Path, str]) -> dict[Path, float]:
        """Return the rate of each text that a rule names, itself or through what it is in."""
        rates = {}
        for node in self.root.walk():
            if node.is_text and (rule := _nearest(node.path, named)):
                rate = self.rules.rules[rule].rate
                is_short = self.shortener.count(node.value) < self.rules.min_tokens
                rates[node.path] = 1.0 if is_short and rate > 0 else rate
        return rates

    def _left_out(self, named: dict[Path, str], nodes: dict[Path, DataNode]) -> tuple[list[Path], dict[Path, int]]:
        """Return the values that are left out, and the new places of those that stay."""
        left_out: list[Path] = []
        ranks: dict[Path, int] = {}
        for name, rule in self.rules.rules.items():
            values = [nodes[path] for path, other in named.items() if other == name and path in nodes]
            values = [node for node in values if node.path and not any(inner.is_fixed for inner in node.walk())]
            if rule.keep == 1 or not values:
                continue
            kept = list(self._within(self._ranked(values), rule.keep))
            stay = {id(node) for node in kept}
            left_out += [node.path for node in values if id(node) not in stay]
            if self.rules.order == "relevance":
                ranks.update({node.path: place for place, node in enumerate(kept)})
        return left_out, ranks

    def _ranked(self, values: Sequence[DataNode]) -> list[DataNode]:
        """Return values, most relevant first."""
        relevances = self.shortener.relevances([self._text(node) for node in values], question=self.question)
        return [values[i] for i in sorted(range(len(values)), key=lambda i: -relevances[i])]

    def _within(self, best_first: Sequence[DataNode], share: float) -> Iterator[DataNode]:
        """Yield the values that fit a share of the tokens of all of them."""
        sizes = [self.shortener.count(self._text(node)) for node in best_first]
        room = int(share * sum(sizes) + 1e-9)
        for node, size in zip(best_first, sizes, strict=True):
            if size <= room:
                room -= size
                yield node

    def _text(self, node: DataNode) -> str:
        return self.source[node.start : node.end]

    def _removed(self, node: DataNode) -> ShortenedText:
        text = self._text(node)
        size = self.shortener.count(text)
        return ShortenedText(
            place=path_text(node.path), source=text, text="", original_tokens=size, compressed_tokens=0
        )


def _nearest(path: Path, named: dict[Path, str]) -> str | None:
    """Return the rule that names a value, or the nearest value that it is in."""
    return next((named[path[:depth]] for depth in range(len(path), -1, -1) if path[:depth] in named), None)


def _inside(path: Path, others: Set[Path]) -> bool:
    return any(path[:depth] in others for depth in range(len(path)))
