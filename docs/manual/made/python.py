"""The public names for notebooks, with what they say of themselves; read from their source, since importing all is slow."""

import ast
import inspect
from pathlib import Path

import cascade
from made.markdown import fenced, prose

Definition = ast.FunctionDef | ast.ClassDef


def definition(name: str) -> Definition:
    """Return the definition of a public name, from the module that is its home."""
    home = Path(cascade.__file__).parent.joinpath(*cascade._HOMES[name].split(".")).with_suffix(".py")
    for node in ast.parse(home.read_text(encoding="utf-8")).body:
        if isinstance(node, Definition) and node.name == name:
            return node
    raise LookupError(f"{name} is not defined in {home.name}")


def page() -> str:
    """Return every public name: its parameters, its first sentence and the rest of its docstring."""
    text = []
    for name in sorted(cascade.__all__, key=str.lower):
        node = definition(name)
        first, _, rest = inspect.cleandoc(ast.get_docstring(node) or "").partition("\n\n")
        text += [
            f"(python-{name.lower().replace('_', '-')})=\n## `{name}`\n",
            fenced(f"cascade.{name}{_parameters(node)}", "python"),
            f"{prose(first)}\n",
            fenced(rest) if rest else "",
        ]
    return "\n".join(text)


def _parameters(node: Definition) -> str:
    """Write the parameters with their defaults; types stand in the docstring."""
    if isinstance(node, ast.ClassDef):
        return ""
    for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg):
        if one is not None:
            one.annotation = None
    return f"({ast.unparse(node.args)})"
