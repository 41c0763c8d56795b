"""The commands with their options, as the program itself describes them."""

import re
import textwrap
from collections import Counter

import click

from cascade import cli
from cascade.commands import owners, protect
from made.markdown import code, fenced, plain, table

Record = tuple[str, str]
"""An option as written, and what it does."""
_RANGE = re.compile(r"\s+\[(?:([\d.]+)<=x(?:<=([\d.]+))?|x>=([\d.]+))\]$")


def all_commands() -> dict[str, click.Command]:
    """Return every command of the program by name, sorted."""
    return dict(sorted(cli.main.commands.items()))


def _option(option: click.Option, context: click.Context) -> Record:
    """Describe an option: a choice by its values, anything else as ``--help`` does."""
    record = option.get_help_record(context)
    if record is None:
        raise ValueError(f"{option.name} has no help")
    written, meaning = record
    if isinstance(option.type, click.Choice):
        written = " / ".join(option.opts) + f" {str(option.name).upper()}"
        meaning = f"{meaning} One of {', '.join(map(str, option.type.choices))}."
    return written, _RANGE.sub(_limits, meaning)


def _limits(found: re.Match[str]) -> str:
    """Say the limits of a number in words."""
    low, high, only = found.groups()
    low = low or only
    return f" From {low}{f' to {high}' if high else ' on'}."


def records(name: str) -> list[Record]:
    """Return the options of a command, but for ``--help``."""
    command = all_commands()[name]
    context = click.Context(command, info_name=f"cascade {name}", terminal_width=10_000, max_content_width=10_000)
    options = [p for p in command.get_params(context) if isinstance(p, click.Option) and "--help" not in p.opts]
    return [_option(option, context) for option in options if not option.hidden]


def shared() -> list[Record]:
    """Return the options that read the same in more than half of all commands."""
    counts = Counter(record for name in all_commands() for record in records(name))
    return [record for record, n in counts.items() if 2 * n > len(all_commands())]


def _help(text: str) -> str:
    """Write the help of a command: paragraphs as text, what click is not to wrap as it stands."""
    parts = []
    for part in textwrap.dedent("    " + text).strip().split("\n\n"):
        lines = [line.strip() for line in part.splitlines()]
        if lines[0] != "\b":
            parts.append(plain(" ".join(lines)))
        elif lines[1].endswith(":"):
            parts += [f"**{plain(lines[1])}**", fenced("\n".join(lines[2:]))]
        else:
            parts.append(fenced("\n".join(lines[1:])))
    return "\n\n".join(parts)


def _table(options: list[Record]) -> str:
    return table(("option", "meaning"), [(code(written), plain(meaning)) for written, meaning in options])


def _section(name: str, common: list[Record]) -> str:
    command = all_commands()[name]
    context = click.Context(command, info_name=f"cascade {name}", terminal_width=10_000, max_content_width=10_000)
    own = records(name)
    here = [f"`{written.partition(' ')[0]}`" for written, meaning in own if (written, meaning) in common]
    also = f"\nAnd of the [shared options](#shared-options): {', '.join(here)}.\n" if here else ""
    left = [record for record in own if record not in common]
    usage = command.get_usage(context).removeprefix("Usage: ")
    return "\n\n".join(
        [
            f"(command-{name})=\n## `cascade {name}`",
            fenced(usage),
            _help(command.help or ""),
            _table(left) if left else "",
            also,
        ]
    )


def page() -> str:
    """Return every command: first a list, then the shared options, then one section each."""
    common = shared()
    rows = [(f"[`cascade {n}`](#command-{n})", plain(c.get_short_help_str(200))) for n, c in all_commands().items()]
    return "\n\n".join(
        [
            table(("command", "in short"), rows),
            "(shared-options)=\n## Shared options",
            _table(common),
            *(_section(name, common) for name in all_commands()),
        ]
    )


def exit_codes() -> str:
    """Return what the number means with which the program ends."""
    no_plan = "no plan fits the limits, and those that clash are named (`protect`)"
    not_equal = "not equal where that was demanded, or a proof that differs (`interface`)"
    rows = [
        (0, "done"),
        (1, "a fault of the program itself: please report it"),
        (cli.WRONG_USE, "wrong use: an option or name that does not exist, a file that cannot be written"),
        (cli.FAULTY_INPUT, "faulty input: every fault stands on stderr with its place and its remedy"),
        (protect.NO_PLAN, no_plan),
        (owners.NOT_EQUAL, not_equal),
        (cli.INTERRUPTED, "interrupted with Ctrl-C"),
    ]
    return table(("code", "meaning"), [(code(number), meaning) for number, meaning in sorted(rows)])
