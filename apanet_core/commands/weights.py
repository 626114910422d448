"""`apanet weights`: what there is, what it is worth, and more of it."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path

from apanet_core.errors import CheckpointError
from apanet_core.weights import imported_names, resolve_weights, shipped_names
from apanet_core.weights.conversion import convert_released, import_weights
from apanet_core.weights.description import Description, card_file, describe, one_line
from apanet_core.weights.hashes import check_hash, sha256, shipped_hash
from apanet_core.weights.loading import check_loads

NAME = "weights"
HELP = "list, explain, verify, convert and import weights"

DESCRIPTION = """\
List the weights that can be named wherever a model is asked for, show their model cards, verify
them, and bring in your own. Imported weights lie in $APANET_WEIGHTS, or else in
$XDG_DATA_HOME/apanet/weights or ~/.local/share/apanet/weights.

examples:
  apanet weights list
  apanet weights show tiny
  apanet weights verify tiny
  apanet weights convert APANet.pth -o apanet.safetensors --half
  apanet weights import runs/road/best.safetensors --name road
"""

SHORT_HASH = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet weights`."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(metavar="ACTION", required=True)

    action = actions.add_parser("list", help="names, sizes, hashes, and what each is")
    action.set_defaults(action=_list)

    action = actions.add_parser("show", help="print a model card and what the file itself says")
    action.add_argument("source", metavar="NAME", help="shipped or imported name, or a path")
    action.set_defaults(action=_show)

    action = actions.add_parser("verify", help="compare a hash and load the weights")
    action.add_argument("source", metavar="NAME|PATH", help="shipped or imported name, or a path")
    action.add_argument(
        "--sha256", metavar="HEX", help="hash to compare with (default: of shipped weights theirs)"
    )
    action.set_defaults(action=_verify)

    action = actions.add_parser("convert", help="a released .pth into .safetensors; needs torch")
    action.add_argument("source", type=Path, metavar="FILE.pth", help="released checkpoint")
    action.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help=".safetensors to write"
    )
    action.add_argument("--half", action="store_true", help="float16, half the size")
    action.set_defaults(action=_convert)

    action = actions.add_parser("import", help="make weights known by a name")
    action.add_argument(
        "source", type=Path, metavar="PATH", help=".safetensors, or released .pth (needs torch)"
    )
    action.add_argument("--name", help="name to give them (default: of the file)")
    action.add_argument("--replace", action="store_true", help="replace imported weights")
    action.set_defaults(action=_import)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for; returns 0."""
    arguments.action(arguments)
    return 0


def _list(_arguments: argparse.Namespace) -> None:
    print(_row("name", "from", "parameters", "size", "sha256", "what"))
    for origin, names in (("shipped", shipped_names()), ("imported", imported_names())):
        for name in names:
            print(_row(name, origin, *_facts(resolve_weights(name))))


def _row(name: str, origin: str, parameters: str, size: str, digest: str, what: str) -> str:
    return f"{name:<16} {origin:<9} {parameters:>10} {size:>9}  {digest:<{SHORT_HASH}}  {what}"


def _facts(path: Path) -> tuple[str, str, str, str]:
    digest = sha256(path)[:SHORT_HASH]
    try:
        found = describe(path)
    except CheckpointError as error:
        return "?", "?", digest, str(error)
    size = f"{found.size_bytes / 1e6:.2f} MB"
    return f"{found.parameters / 1e6:.2f} M", size, digest, one_line(path, found)


def _show(arguments: argparse.Namespace) -> None:
    path = resolve_weights(arguments.source)
    card = card_file(path)
    if card.is_file():
        print(card.read_text(encoding="utf-8").rstrip())
        # After the card, which can be read where the file is damaged.
        found = describe(path)
    else:
        found = describe(path)
        print(f"# {path.stem}\n\n{one_line(path, found)} No model card came with it.")
    print(f"\n## In the file\n\n{_listed(found)}")


def _listed(found: Description) -> str:
    """Return what the file says as a Markdown list, texts of several lines as blocks at its end."""
    facts = {"parameters": f"{found.parameters:,}", "settings": found.config.to_json()}
    # The file holds its metadata in no order.
    facts |= dict(sorted(found.metadata.items()))
    texts = {name: value.strip("\n") for name, value in facts.items()}
    lines = [f"- {name}: {text}" for name, text in texts.items() if "\n" not in text]
    blocks = [
        f"- {name}:\n\n{textwrap.indent(text, ' ' * 6)}"
        for name, text in texts.items()
        if "\n" in text
    ]
    return "\n".join([*lines, *blocks])


def _verify(arguments: argparse.Namespace) -> None:
    path = resolve_weights(arguments.source)
    expected = arguments.sha256 or shipped_hash(path)
    if expected:
        check_hash(path, expected)
    compared = "as expected" if expected else "compared with none: give --sha256"
    print(f"{path}\nsha256 {sha256(path)}, {compared}\n{check_loads(path)}")


def _convert(arguments: argparse.Namespace) -> None:
    convert_released(arguments.source, arguments.output, arguments.half)
    print(f"Wrote {arguments.output}.")


def _import(arguments: argparse.Namespace) -> None:
    name = arguments.source.stem if arguments.name is None else arguments.name
    path = import_weights(arguments.source, name, arguments.replace)
    print(f"Imported {arguments.source} as {name}: {path}")
