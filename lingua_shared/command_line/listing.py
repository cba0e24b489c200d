"""`lingua models`: the models with short names, and how to get those that are not here."""

from rich.console import Console
from rich.text import Text

from lingua_shared.command_line.faults import DONE
from lingua_shared.command_line.inventory import Stock, stocks
from lingua_shared.command_line.output import JsonLines, as_line, opened, write_line


def models(*, json: JsonLines = False) -> int:
    """List the models with short names: what is here, where, its licence, and how to get the rest.

    Options such as --model also take a folder, a GGUF file, or the id of a repository on the hub.
    """
    known = stocks()
    with opened(None) as file:
        if json:
            for stock in known:
                write_line(file, as_line(stock.as_json()))
        else:
            console = Console(file=file, highlight=False, emoji=False, markup=False)
            console.print(*map(_shown, known), sep="\n", soft_wrap=True)
    return DONE


def _shown(stock: Stock) -> Text:
    state = ("here", "green") if stock.is_here else ("not here", "yellow")
    text = Text.assemble((stock.name, "bold"), "  ", state)
    size = "" if stock.megabytes is None else f" ({stock.megabytes:,.0f} MB)"
    rows = {"for": stock.purpose, "licence": stock.license, "where": stock.place + size, "to get it": stock.how_to_get}
    for name, value in rows.items():
        if value:
            text.append(f"\n  {name:<10}", "dim").append(value)
    return text
