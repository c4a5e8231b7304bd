"""What one module offers to another says what goes in and out, unless its name and types say it whole.

A public function that another module imports has a docstring, but for these, whose names are a convention of this code:

- eight lines or fewer: reading them is quicker than reading about them;
- `x_of(…) -> X`: the X of what is given;
- `render_x(…)`: facts in, what is shown out;
- `run_x` in a module whose docstring begins with the command it runs.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BRIEF = 8
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for top in ("bot", "integrations", "storage")
    for path in sorted((ROOT / top).rglob("*.py"))
    if "sandbox" not in path.parts and "versions" not in path.parts
}
TREES = {module: ast.parse(path.read_text()) for module, path in MODULES.items()}


def offered() -> dict[str, set[str]]:
    """Names that other modules import, by the module they stand in."""
    found: dict[str, set[str]] = defaultdict(set)
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in TREES:
                found[node.module] |= {name.name for name in node.names}
    return found


OFFERED = offered()


def says_it_whole(module: str, function: ast.FunctionDef) -> bool:
    length = (function.end_lineno or 0) - function.body[0].lineno + 1
    returned = ast.unparse(function.returns) if function.returns else ""
    noun = function.name.removesuffix("_of").replace("_", "")
    if length <= BRIEF or function.name.startswith("render_"):
        return True
    if function.name.endswith("_of") and returned.split("[")[0].lower() == noun:
        return True
    return function.name.startswith("run_") and (ast.get_docstring(TREES[module]) or "").startswith("`llmgate")


@pytest.mark.parametrize("module", sorted(TREES))
def test_what_others_call_says_what_it_does(module: str) -> None:
    for node in TREES[module].body:
        if not isinstance(node, ast.FunctionDef) or node.name not in OFFERED[module] or ast.get_docstring(node):
            continue
        assert says_it_whole(module, node), f"{module}.{node.name} is called from elsewhere: say what goes in and out"


@pytest.mark.parametrize("module", sorted(TREES))
def test_every_module_says_what_it_owns(module: str) -> None:
    assert not TREES[module].body or ast.get_docstring(TREES[module]), f"{module} does not say what it owns"
