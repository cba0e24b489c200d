"""Rules for data: which values of JSON or YAML may be shortened, and which may be left out."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field
from pydantic import field_validator as check

from lingua_shared.errors import OptionsError, reason, short
from lingua_shared.inputs import OptionsModel, Whole, as_number
from lingua_shared.prompts.data_tree import DataNode, plain_value
from lingua_shared.prompts.data_tree import Path as DataPath
from lingua_shared.prompts.packages import load_package


class DataRule(OptionsModel):
    """What may happen to the values that a path or key names.

    Example:
        >>> DataRule(rate=0.3)
        DataRule(rate=0.3)
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    rate: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Share of the tokens of each text in the value to keep, in [0, 1]. 1 keeps texts as they are, 0 "
        "leaves an empty text.",
    )
    keep: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Share of the tokens of all values that the path names together to keep, in [0, 1]: the least "
        "relevant are left out, with their keys. 1 leaves none out.",
    )

    _numbers = check("rate", "keep", mode="before")(as_number)


class DataRules(OptionsModel):
    """Rules by JSONPath, such as "$.items[*].text", or by key, such as "text", at any depth.

    A rule also holds for what is inside the value that it names, as far as no other rule names that. Where two rules
    name the same value, the later one counts. What no rule names is kept as it is.

    Example:
        >>> DataRules(rules={"text": 0.3, "$.items[*]": DataRule(keep=0.5)}).rules["text"].rate
        0.3
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    rules: dict[str, DataRule] = Field(description="Rule, or rate, for each JSONPath or key.")
    order: Literal["original", "relevance"] = Field(
        default="original",
        description='Order of values of which some may be left out: "original", or "relevance", most relevant first '
        "within each object or list.",
    )
    min_tokens: Whole = Field(
        default=8,
        ge=0,
        description="Texts of fewer tokens, such as names, are kept as they are, unless their rate is 0.",
    )

    _numbers = check("min_tokens", mode="before")(as_number)

    @check("rules", mode="before")
    @classmethod
    def _rates_are_rules(cls, rules: Any) -> Any:
        if not isinstance(rules, Mapping):
            return rules
        return {
            path: {"rate": rule} if isinstance(rule, int | float) and not isinstance(rule, bool) else rule
            for path, rule in rules.items()
        }

    @check("rules")
    @classmethod
    def _paths_can_be_read(cls, rules: dict[str, DataRule]) -> dict[str, DataRule]:
        for path in rules:
            if path.startswith("$"):
                _compiled(path)
        return rules

    @classmethod
    def from_yaml(cls, source: str | Path) -> Self:
        """Read rules from YAML.

        Args:
            source: a file's path (a `Path`, or a text in one line that ends in .yaml or .yml), or the YAML itself:
                `rules` with a rate, or rate and keep, for each path; `order`.

        Raises:
            OptionsError: this is no YAML, or has no such rules, or the file cannot be read.
            MissingPackageError: the package pyyaml is not installed.
        """
        yaml = load_package("yaml", distribution="pyyaml", what="YAML")
        try:
            loaded = yaml.safe_load(_read(source))
        except yaml.YAMLError as error:
            msg = f"the rules are no YAML ({reason(error)})"
            raise OptionsError(msg) from error
        if not isinstance(loaded, Mapping):
            msg = f"the rules {short(str(source))} are no mapping; give YAML such as 'rules: {{text: 0.3}}', or a Path"
            raise OptionsError(msg)
        return cls.model_validate(loaded)

    def places(self, root: DataNode) -> dict[str, list[DataPath]]:
        """Return the values that each rule names, by the rule's path or key."""
        places: dict[str, list[DataPath]] = {}
        value: Any = None
        for path in self.rules:
            if path.startswith("$"):
                value = plain_value(root) if value is None else value
                found: Iterator[DataPath] = (tuple(match.parts) for match in _compiled(path).finditer(value))
            else:
                found = (node.path for node in root.walk() if node.path and node.path[-1] == path)
            places[path] = list(found)
        return places


def _read(source: str | Path) -> str:
    """Return the YAML of a file, or a text as it is."""
    if isinstance(source, str) and ("\n" in source or not source.strip().endswith((".yaml", ".yml"))):
        return source
    try:
        return Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        msg = f"the file {short(str(source))} with rules cannot be read ({reason(error)})"
        raise OptionsError(msg) from error


def _compiled(path: str) -> Any:
    """Return a JSONPath that can be asked.

    Raises:
        OptionsError: it is no JSONPath.
    """
    jsonpath = load_package("jsonpath", distribution="python-jsonpath", what="a JSONPath")
    try:
        return jsonpath.compile(path)
    except jsonpath.JSONPathError as error:
        msg = f"{short(path)} is no JSONPath ({reason(error)})"
        raise OptionsError(msg) from error
