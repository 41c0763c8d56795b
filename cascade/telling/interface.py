"""Interface models and joined models as short tables, and a proof as a page of Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from cascade.files.joining import Joined, digest_of
from cascade.model import Lang, Model, Need
from cascade.results.equality import Difference
from cascade.results.interface import Proof
from cascade.telling.chronicle import escaped
from cascade.telling.columns import Column, Table, name_of
from cascade.units import FULL, HOUR
from cascade.words import duration, number, share, word

# ------------------------------------------------------------------ an interface


def interface_tables(model: Model, proof: Proof, lang: Lang) -> list[Table]:
    """Return how equal each output is, what is published of each, and what was held against what.

    Parameters
    ----------
    model : Model
        The interface.
    proof : Proof
    lang : {"nl", "en"}
    """
    return [_outputs(model, proof, lang), _needs(model, lang), _proof(proof, lang)]


def summary(proof: Proof, lang: Lang) -> list[str]:
    """Say how equal an interface is, for what this holds, and what was left out."""
    n = number(len(proof.outages), lang)
    said = [word("owners_equal" if proof.equal else "owners_unequal", lang, n=n)]
    if proof.equal:
        said.append(word("owners_by_folding" if proof.folded else "owners_by_list", lang))
    if proof.manipulation_left_out:
        said.append(word("owners_manipulation", lang, names=", ".join(proof.manipulation_left_out)))
    return said


def _outputs(model: Model, proof: Proof, lang: Lang) -> Table:
    rows = [
        {
            "output": one.process,
            "name": name_of(model, one.process, lang),
            "how": proof.how[one.process],
            "how_text": word(f"owners_{proof.how[one.process]}", lang),
            **_apart(one, lang),
        }
        for one in proof.differences
    ]
    columns = (
        Column("output", "", on="data"),
        Column("name", word("owners_output", lang), on="screen"),
        Column("how", "", on="data"),
        Column("how_text", word("owners_how", lang), on="screen"),
        *_apart_columns(lang),
    )
    return Table("outputs", word("owners_outputs", lang), columns, rows, _worst(proof.differences, lang))


def _apart(one: Difference, lang: Lang) -> dict[str, Any]:
    """Return the differences of one process, plain and as text."""
    return {
        "outages": one.outages,
        "equal": one.equal,
        "equal_text": word("of", lang, a=number(one.equal, lang), b=number(one.outages, lang)),
        "level": one.level / FULL,
        "level_at": one.level_at,
        "shift_s": one.shift_s,
        "shift_h": one.shift_s / HOUR if one.shift_s else None,
        "shift_at": one.shift_at,
        "lost_h": one.lost / FULL / HOUR,
        "lost_text": number(one.lost / FULL / HOUR, lang, 2) if one.lost else "",
        "lost_of_h": one.lost_of / FULL / HOUR,
        "lost_of_text": number(one.lost_of / FULL / HOUR, lang, 1) if one.lost else "",
        "lost_at": one.lost_at,
    }


def _apart_columns(lang: Lang) -> tuple[Column, ...]:
    return (
        Column("outages", "", on="data"),
        Column("equal", "", on="data"),
        Column("equal_text", word("owners_same", lang), "right", on="screen"),
        Column("level", word("owners_level", lang), "share"),
        Column("shift_s", "", on="data"),
        Column("shift_h", word("owners_shift", lang), "hours", on="screen"),
        Column("lost_h", "", on="data"),
        Column("lost_text", word("owners_lost", lang), "right", on="screen"),
        Column("lost_of_h", "", on="data"),
        Column("lost_of_text", word("owners_lost_of", lang), "right", on="screen"),
        *(Column(key, "", on="data") for key in ("level_at", "shift_at", "lost_at")),
    )


def _worst(found: Sequence[Difference], lang: Lang) -> str:
    """Name the outages that show the largest differences."""
    at = dict.fromkeys(text for one in found for text in (one.level_at, one.shift_at, one.lost_at) if text)
    return f"{word('owners_where', lang)}: {'; '.join(list(at)[:4])}." if at else ""


def _needs(model: Model, lang: Lang) -> Table:
    rows = [
        {
            "process": name,
            "name": name_of(model, name, lang),
            "need": key,
            "rule": need.rule,
            "suppliers": " ".join(supply.id for supply in need.supplies),
            "asks": _asks(need, lang),
            "loses": ", ".join(
                f"{duration(after.mode, lang)}: {_exact(lost.mode, lang)}" for after, lost in need.steps
            ),
            "restart_s": process.restart.mode,
            "restart_h": process.restart.mode / HOUR,
        }
        for name, process in model.processes.items()
        for key, need in process.needs.items()
        if not any(supply.process.startswith(f"{name}.") for supply in need.supplies)  # parts have rows of their own
    ]
    columns = (
        Column("process", "", on="data"),
        Column("name", word("process", lang), on="screen"),
        Column("need", "", on="data"),
        Column("rule", "", on="data"),
        Column("suppliers", "", on="data"),
        Column("asks", word("owners_asks", lang), on="screen"),
        Column("loses", word("owners_loses", lang)),
        Column("restart_s", "", on="data"),
        Column("restart_h", word("owners_back", lang), "hours", on="screen"),
    )
    return Table("needs", word("owners_needs", lang), columns, rows, word("owners_leaks", lang))


def _asks(need: Need, lang: Lang) -> str:
    names = ", ".join(supply.id for supply in need.supplies)
    if need.at_least is not None:
        return word("owners_rule_at_least", lang, n=need.at_least.count, names=names)
    return word(f"owners_rule_{need.rule}", lang, names=names)


def _exact(value: int, lang: Lang) -> str:
    """Write a share with the decimals that it has."""
    decimals = 0 if value % 100 == 0 else 1 if value % 10 == 0 else 2
    return f"{number(value / 100, lang, decimals)}%"


def _proof(proof: Proof, lang: Lang) -> Table:
    said: list[tuple[str, Any, str, str]] = [
        ("equal", proof.equal, "owners_same", word("yes" if proof.equal else "no", lang)),
        ("folded", proof.folded, "owners_all_folded", word("yes" if proof.folded else "no", lang)),
        ("outages", len(proof.outages), "owners_n_outages", number(len(proof.outages), lang)),
        (
            "standard",
            proof.standard,
            "owners_list",
            word("owners_standard" if proof.standard else "owners_given", lang),
        ),
        ("outputs", list(proof.outputs), "owners_outputs", ", ".join(proof.outputs)),
        ("externals", list(proof.externals), "owners_externals", ", ".join(proof.externals)),
        ("whole", proof.whole, "owners_whole", proof.whole),
        ("interface", proof.interface, "owners_reduced", proof.interface),
    ]
    rows = [{"key": key, "value": value, "label": word(label, lang), "text": text} for key, value, label, text in said]
    columns = (
        Column("key", "", on="data"),
        Column("value", "", on="data"),
        Column("label", "", on="screen"),
        Column("text", "", on="screen"),
    )
    return Table("proof", word("owners_proof", lang), columns, rows, keyed=True)


def proof_page(model: Model, proof: Proof, lang: Lang, mark: str) -> str:
    """Return a proof as Markdown: what is claimed, what was found, and which outages were played."""
    title = word("owners_interface", lang, name=_inner_title(model, lang))
    blocks = [f"**{escaped(mark)}**", f"# {escaped(title)}", *map(escaped, summary(proof, lang))]
    for table in interface_tables(model, proof, lang):
        blocks += [f"## {escaped(table.title)}", _markdown(table, lang), escaped(table.note) if table.note else ""]
    blocks += [f"## {escaped(word('owners_list', lang))}", "\n".join(f"- {escaped(one.name)}" for one in proof.outages)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _inner_title(model: Model, lang: Lang) -> str:
    """Return the title of the model that was reduced."""
    own = model.info.title[lang]
    head = word("owners_interface", lang, name="")
    return own.removeprefix(head)


def _markdown(table: Table, lang: Lang) -> str:
    shown = table.shown
    head = "| " + " | ".join(escaped(c.heading) for c in shown) + " |"
    rule = "|" + "---|" * len(shown)
    rows = ["| " + " | ".join(escaped(table.show(c, row, lang)) for c in shown) + " |" for row in table.rows]
    return "\n".join([head, rule, *rows])


def changes(old: Proof, new: Proof) -> list[str]:
    """Return what two proofs differ in, as keys of words."""
    claims = ("title", "outputs", "externals", "how", "manipulation_left_out")
    parts = {
        "owners_is_whole": old.whole != new.whole,
        "owners_is_interface": old.interface != new.interface,
        "owners_is_differences": old.differences != new.differences,
        "owners_is_claims": any(getattr(old, name) != getattr(new, name) for name in claims),
    }
    return [key for key, changed in parts.items() if changed]


# ------------------------------------------------------------------ a joined model


def joined_tables(joined: Joined, models: Sequence[Model], proofs: Mapping[str, Proof], lang: Lang) -> list[Table]:
    """Return what each owner brought, with what is proven of it, and which sources got another key.

    Parameters
    ----------
    joined : Joined
    models : sequence of Model
        As they were joined.
    proofs : mapping
        The proof that stands beside a model, by its folder.
    lang : {"nl", "en"}
    """
    rows = [
        {
            "title": model.info.title[lang],
            "folder": one.root,
            "defines": len(one.defines),
            "filled": len(one.filled),
            "left": " ".join(one.left),
            "feeds_itself": " ".join(one.feeds_itself),
            "claim": _claim(model, proofs.get(one.root), lang),
        }
        for one, model in zip(joined.owners, models, strict=True)
    ]
    columns = (
        Column("title", word("owners_title", lang)),
        Column("folder", "", on="data"),
        Column("defines", word("owners_defines", lang), "number"),
        Column("filled", word("owners_filled", lang), "number"),
        Column("left", word("owners_left", lang)),
        Column("feeds_itself", "", on="data"),
        Column("claim", word("owners_claim", lang)),
    )
    titles = {model.info.title.en: model.info.title[lang] for model in models}
    renamed = [{"title": titles[title], "before": before, "after": after} for title, before, after in joined.renamed]
    return [
        Table("owners", word("owners_joined", lang), columns, rows),
        Table(
            "renamed",
            word("owners_renamed", lang),
            (
                Column("title", word("owners_title", lang)),
                Column("before", word("owners_before", lang)),
                Column("after", word("owners_after", lang)),
            ),
            renamed,
        ),
    ]


def _claim(model: Model, proof: Proof | None, lang: Lang) -> str:
    if proof is None:
        return word("owners_claim_none", lang)
    if proof.interface != digest_of(model):
        return word("owners_claim_stranger", lang)
    if not proof.equal:
        level = max(one.level for one in proof.differences) / FULL
        return word("owners_claim_error", lang, level=share(level, lang))
    if proof.folded:
        return word("owners_claim_folded", lang)
    return word("owners_claim_list", lang, n=number(len(proof.outages), lang))


def loops(joined: Joined, models: Sequence[Model], proofs: Mapping[str, Proof], lang: Lang) -> list[str]:
    """Say of which published models the externals depend on what they themselves supply, unless all of them was folded."""
    titles = {model.root: model.info.title[lang] for model in models}
    return [
        word("owners_loop", lang, title=titles[one.root], names=", ".join(one.feeds_itself))
        for one in joined.owners
        if one.feeds_itself and one.root in proofs and not proofs[one.root].folded
    ]


def compared(found: Sequence[Difference], model: Model, name: str, lang: Lang) -> Table:
    """Return how far two models are apart, process by process; those that are equal are left out."""
    rows = [
        {"process": one.process, "name": name_of(model, one.process, lang), **_apart(one, lang)}
        for one in found
        if one.equal < one.outages
    ]
    n = number(found[0].outages if found else 0, lang)
    note = word("owners_compared_unequal" if rows else "owners_compared_equal", lang, n=n)
    columns = (
        Column("process", "", on="data"),
        Column("name", word("process", lang), on="screen"),
        *_apart_columns(lang),
    )
    return Table("compared", word("owners_compared", lang, name=name), columns, rows, note)
