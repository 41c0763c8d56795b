"""The command that makes a synthetic country: parse, call, print, like those of ``cli``."""

from __future__ import annotations

from pathlib import Path

import click

from cascade.errors import UsageError
from cascade.telling.talk import Described, Talk, default_lang


@click.command(cls=Described, short_help="Make a synthetic country of many assets, to measure and practise with.")
@click.argument("folder")
@click.option(
    "--assets",
    type=int,
    metavar="N",
    help="How many assets in all, from 30 to 5,000,000; by default as many as there are in the Netherlands.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Places and feeds follow from this number alone.")
@click.option(
    "--lang",
    type=click.Choice(["nl", "en"]),
    envvar="CASCADE_LANG",
    default=default_lang,
    help="Language of the answer.",
)
def synthetic(folder: str, assets: int | None, seed: int, lang: str) -> None:
    r"""Write a synthetic Netherlands to a new FOLDER: stations, masts, exchanges, pumps, hospitals, shops and homes.

    The kinds of assets and their numbers are as in the Netherlands, every place and feed is made up: the map lies in the
    ocean. FOLDER gets a model, in sectors, and three scenarios for it. The same seed gives the same bytes.

    \b
    Examples:
      cascade synthetic made-up --assets 10000
      cascade run made-up/scenarios/region-dark.yaml --model made-up/sectors
    """
    from cascade import __version__
    from cascade.files.synthetic import TRUE_TOTAL, synthetic
    from cascade.telling.writing import write_folder
    from cascade.words import number

    talk = Talk("nl" if lang == "nl" else "en", "table", None, None, None)
    path = Path(folder)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UsageError(f"{folder} is there already and is not an empty folder; name a new one")
    size = TRUE_TOTAL if assets is None else assets
    files = synthetic(size, seed, talk.progress())
    made = {"options": {"assets": size, "seed": seed}, "versions": {"cascade": __version__}}
    write_folder(path, files, "TLP:CLEAR", {"marking": "TLP:CLEAR", **made})
    talk.say("synthetic_made", assets=number(size, talk.lang), folder=folder)
    for line in (
        f"cascade check {path / 'sectors'}",
        f"cascade run {path / 'scenarios' / 'region-dark.yaml'} --model {path / 'sectors'}",
    ):
        click.echo(f"  {line}", err=True)


COMMANDS: tuple[click.Command, ...] = (synthetic,)
"""What ``cli`` adds to its own."""
