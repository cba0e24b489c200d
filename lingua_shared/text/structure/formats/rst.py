"""reStructuredText: titles, directives, lists, fields, definitions, literal blocks, tables."""

from dataclasses import replace

from lingua_shared.text.structure.block_writer import write_blocks
from lingua_shared.text.structure.formats.rst_blocks import RstReader
from lingua_shared.text.structure.formats.rst_signs import is_rst
from lingua_shared.text.structure.part import Part


def parse_rst(part: Part) -> bool:
    """Add the units of a text in reStructuredText; False where nothing in it is a sign of it."""
    lines = part.lines()
    if not is_rst([line.text.rstrip("\r\n") for line in lines]):
        return False
    reader = RstReader([replace(line, text=line.text.rstrip()) for line in lines])
    write_blocks(part, reader.blocks(0, len(lines)))
    return True
