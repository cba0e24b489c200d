"""`lingua savings`: what compression saves in money and time with your LLM, and from which length on it pays here."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.table import Table

from lingua_shared.agents.growing import RESULT_TOKENS
from lingua_shared.command_line.chat_saving import chat_savings
from lingua_shared.command_line.compressing import write_page
from lingua_shared.command_line.faults import DONE, WRONG_USE, CommandError
from lingua_shared.command_line.flags import Compression, Models, compression_options, model_options
from lingua_shared.command_line.output import FLAGS, JsonLines, Screen, as_line, opened, print_findings, write_line
from lingua_shared.compressor import PromptCompressor
from lingua_shared.savings.break_even import LENGTHS, BreakEven, Timing, break_even, timings
from lingua_shared.savings.plot import plot
from lingua_shared.savings.prices import LlmPrice, price_of
from lingua_shared.savings.saving import Costs

_CALLS = 1000


def savings(
    *,
    llm: Annotated[
        str | None, Parameter(group=FLAGS, help="LLM that reads the prompts, as tables of prices name it.")
    ] = None,
    input_price: Annotated[
        float | None, Parameter(group=FLAGS, help="Price of a million tokens that it reads, in place of a table's.")
    ] = None,
    cached_price: Annotated[
        float | None, Parameter(group=FLAGS, help="Price of a million tokens that it reads from its cache.")
    ] = None,
    prices: Annotated[Path | None, Parameter(group=FLAGS, help="File of your own prices.")] = None,
    cached_share: Annotated[
        float,
        Parameter(
            group=FLAGS, help="Share of the full prompt that the provider would read from its cache. Default: 0."
        ),
    ] = 0.0,
    machine_price: Annotated[
        float, Parameter(group=FLAGS, help="Price of an hour of this machine. Default: 0, for it is there anyway.")
    ] = 0.0,
    reading_speed: Annotated[
        float | None, Parameter(group=FLAGS, help="Tokens of a prompt that the LLM reads in a second.")
    ] = None,
    lengths: Annotated[
        tuple[int, ...],
        Parameter(group=FLAGS, consume_multiple=True, negative="", help="Tokens of passages to measure, two or more."),
    ] = LENGTHS,
    chat_turns: Annotated[
        int | None,
        Parameter(
            group=FLAGS, help="Show instead what an agent's chat of so many turns costs with the provider's cache."
        ),
    ] = None,
    result_tokens: Annotated[
        int, Parameter(group=FLAGS, help="Tokens of what a tool returns in each of these turns, about.")
    ] = RESULT_TOKENS,
    picture: Annotated[
        Path | None, Parameter(name="--plot", group=FLAGS, help="Write what is saved, by length, as a picture in SVG.")
    ] = None,
    json: JsonLines = False,
    options: Compression = None,
    models: Models = None,
) -> int:
    """Measure on this machine what compression costs, and show what it saves with your LLM.

    Made-up passages of several lengths are compressed. The table has, for each length, the seconds, what a thousand
    calls save, and how slowly an LLM has to read its prompt for the answer to come sooner; --plot draws it. With
    --chat-turns, a made-up chat with long results of tools is sent as it is, shortened anew in every turn, and
    shortened once.
    """
    price = _price(llm, input_price, cached_price, prices)
    if chat_turns is not None:
        given = {
            "--plot": picture is not None, "--lengths": lengths != LENGTHS, "--cached-share": bool(cached_share),
            "--machine-price": bool(machine_price), "--reading-speed": reading_speed is not None,
        }  # fmt: skip
        _refuse(given, "says what is saved by length; leave it out, or --chat-turns")
        chat_savings(chat_turns, result_tokens, price, compression_options(options), model_options(models), json=json)
        return DONE
    _refuse({"--result-tokens": result_tokens != RESULT_TOKENS}, "is about a chat; give --chat-turns, too")
    _refuse({f"--plot {picture}": picture is not None and picture.suffix.lower() != ".svg"}, "must end in .svg")
    costs = Costs(price, cached_share, machine_price, reading_speed)
    if len(set(lengths)) < 2 or min(lengths) < 1:
        msg = f"--lengths is {lengths}; give two or more different numbers of tokens, from 1"
        raise CommandError(msg, code=WRONG_USE)
    with Screen().working("Measuring ..."):
        found = list(
            timings(PromptCompressor(model_options(models)), compression_options(options), sorted(set(lengths)))
        )
    line = break_even(found, costs)
    if picture is not None:
        write_page(plot(found, line, costs).encode(), picture)
    if json:
        with opened(None) as file:
            write_line(file, as_line({"costs": costs, "timings": found, "break_even": line}))
        return DONE
    print_findings(_table(found, costs), _sentences(line, costs))
    return DONE


def _refuse(given: dict[str, bool], why: str) -> None:
    """Raise where one of these flags is given."""
    for name in (name for name, is_given in given.items() if is_given):
        msg = f"{name} {why}"
        raise CommandError(msg, code=WRONG_USE)


def _price(llm: str | None, given: float | None, cached: float | None, table: Path | None) -> LlmPrice | None:
    if given is not None:
        return LlmPrice(llm or "your LLM", given, cached)
    if cached is not None or (table is not None and llm is None):
        msg = "--cached-price needs --input-price, and --prices needs --llm"
        raise CommandError(msg, code=WRONG_USE)
    return price_of(llm, table=table) if llm else None


def _table(found: list[Timing], costs: Costs) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 3, 0, 0))
    names = ["tokens before", "after", "seconds to compress"]
    names += [f"{_CALLS:,} calls save"] if costs.price else []
    names += ["each call saves"] if costs.reading_speed else ["sooner if the LLM reads less than"]
    for name in names:
        table.add_column(name, justify="right")
    for one in found:
        saving = one.saving(costs)
        money = (
            []
            if saving.money is None or costs.price is None
            else [f"{_CALLS * saving.money:+,.2f} {costs.price.currency}"]
        )
        time = f"{saving.seconds:+.2f} s" if saving.seconds is not None else f"{one.slow_enough:,.0f} tokens/s"
        table.add_row(f"{one.original_tokens:,}", f"{one.compressed_tokens:,}", f"{one.seconds:.2f}", *money, time)
    return table


def _sentences(line: BreakEven, costs: Costs) -> list[str]:
    said = [
        f"Here a compression takes {line.fixed_seconds:.2f} s, and {line.seconds_per_thousand:.2f} s more for each "
        "1,000 tokens."
    ]
    if costs.price is not None:
        cached = "no cache" if costs.price.cached_input is None else f"{costs.price.cached_input:g} from its cache"
        said.append(
            f"{costs.price.llm} takes {costs.price.input:g} {costs.price.currency} per million tokens, {cached} "
            f"({costs.price.source}). {_from('Money', line.money_tokens)}"
        )
    if costs.reading_speed:
        said.append(f"At {costs.reading_speed:,.0f} tokens per second {_from('time', line.time_tokens)}")
    return said


def _from(what: str, tokens: int | None) -> str:
    if tokens is None:
        return f"{what} is never saved: compressing costs more than the tokens that it saves."
    return f"{what} is saved from {tokens:,} tokens on." if tokens > 1 else f"{what} is saved at any length."
