"""The models of the catalog on this machine: which are here, where, how large, under what licence. Loads none."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lingua_shared.scoring.catalog import MODELS, KnownModel, find_model, how_to_get
from lingua_shared.text.hub import downloaded_commit

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Stock:
    """A model of the catalog, as it is on this machine.

    Attributes:
        name: its short name.
        purpose: what it is used for.
        license: of its weights.
        is_here: whether its weights are on this machine.
        place: folder or file of the weights, or the id of its hub repository.
        megabytes: size of the weights; None where they are not here, or came from the hub.
        how_to_get: what to do to have it; "" where it is here.
    """

    name: str
    purpose: str
    license: str
    is_here: bool
    place: str
    megabytes: float | None = None
    how_to_get: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def stocks() -> list[Stock]:
    """Return all models of the catalog."""
    return [_stock(name, known) for name, known in MODELS.items()]


def _stock(name: str, known: KnownModel) -> Stock:
    source = find_model(name)
    if source.is_local:
        path = Path(source.location) / (source.gguf_file or "")
        size = _bytes_of(path)
        if size:
            return Stock(name, known.purpose, known.license, is_here=True, place=str(path), megabytes=size / _MEGABYTE)
        return Stock(name, known.purpose, known.license, is_here=False, place=str(path), how_to_get=how_to_get(name))
    if downloaded_commit(known.hub_id, None):
        return Stock(name, known.purpose, known.license, is_here=True, place=known.hub_id)
    return Stock(name, known.purpose, known.license, is_here=False, place=known.hub_id, how_to_get=how_to_get(name))


def _bytes_of(path: Path) -> int:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())
