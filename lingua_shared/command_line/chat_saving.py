"""`lingua savings --chat-turns`: what a growing chat costs with the provider's cache of prompts, in three ways."""

from dataclasses import asdict

from rich.table import Table

from lingua_shared.agents.growing import EVERY_TURN, NOTHING, ONCE, bills, made_up_turns
from lingua_shared.agents.once import DEFAULT_RATE, OnceCompressor
from lingua_shared.command_line.faults import WRONG_USE, CommandError
from lingua_shared.command_line.output import Screen, as_line, opened, print_findings, write_line
from lingua_shared.compressor import PromptCompressor
from lingua_shared.options import CompressionOptions, ModelOptions
from lingua_shared.savings.prices import LlmPrice
from lingua_shared.savings.prompt_cache import PromptBill

_NAMES = {
    NOTHING: "nothing shortened",
    EVERY_TURN: "history shortened anew in every turn",
    ONCE: "each result shortened once",
}


def chat_savings(
    turns: int,
    result_tokens: int,
    price: LlmPrice | None,
    options: CompressionOptions,
    models: ModelOptions,
    *,
    json: bool,
) -> None:
    """Print the table, or its figures as a line of JSON.

    Args:
        turns: of the chat, at least 1.
        result_tokens: of each result, about; at least 1.
        price: of the LLM; None leaves money out.
        options: how results are shortened; without rate and target_tokens 0.35 of the tokens are kept.
        models: of the engine.
        json: whether figures are printed in place of a table.

    Raises:
        CommandError: a number is too small.
        LinguaError: all that `PromptCompressor.compress` raises.
    """
    for name, value in (("--chat-turns", turns), ("--result-tokens", result_tokens)):
        if value < 1:
            msg = f"{name} is {value}; give a number of at least 1"
            raise CommandError(msg, code=WRONG_USE)
    if not options.model_fields_set & {"rate", "target_tokens", "keep_answer"}:
        options = options.model_copy(update={"rate": DEFAULT_RATE})
    once = OnceCompressor(PromptCompressor(models), options=options)
    with Screen().working("Sending ..."):
        found = bills(made_up_turns(turns, once, result_tokens), once, price)
    if json:
        record = {"price": price, "turns": turns, "ways": {name: asdict(bill) for name, bill in found.items()}}
        with opened(None) as file:
            write_line(file, as_line(record))
        return
    print_findings(_table(found, price), _sentences(found, price))


def _table(found: dict[str, PromptBill], price: LlmPrice | None) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 3, 0, 0))
    table.add_column("")
    for name in ("tokens sent", "from the cache", *(["cost"] if price else [])):
        table.add_column(name, justify="right")
    for name, bill in found.items():
        money = [] if bill.money is None or price is None else [f"{bill.money:.4f} {price.currency}"]
        table.add_row(_NAMES[name], f"{bill.tokens:,}", f"{bill.cached_share:.0%}", *money)
    return table


def _sentences(found: dict[str, PromptBill], price: LlmPrice | None) -> list[str]:
    prompts = found[NOTHING].prompts
    said = [
        f"{prompts} prompts of a made-up chat. The cache is simulated: blocks of 128 tokens, 1,024 at least, nothing "
        "is forgotten. Answers are not counted."
    ]
    if price is not None:
        cached = "no cache" if price.cached_input is None else f"{price.cached_input:g} from its cache"
        said.append(
            f"{price.llm} takes {price.input:g} {price.currency} per million tokens, {cached} ({price.source})."
        )
    return said
