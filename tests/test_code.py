"""The house keeps its own rules: types, lint, and imports that go one way."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import PROJECT

BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["lint-imports", "--no-cache"], id="imports go one way"),
        pytest.param(["mypy"], id="types hold"),
        pytest.param(["ruff", "check", "--quiet", "."], id="lint is clean"),
        pytest.param(["ruff", "format", "--quiet", "--check", "."], id="formatted"),
        pytest.param(["python", "-m", "tests.messages", "--check"], id="every language is complete"),
        pytest.param(
            ["zizmor", "--offline", "--quiet", "--persona", "pedantic", ".github/workflows"], id="workflows are safe"
        ),
        pytest.param(
            ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", ".github/workflows/ci.yml"],
            id="workflows fit their schema",
        ),
    ],
)
def test_the_code_keeps_its_rules(command: list[str]) -> None:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_no_function_or_module_outgrows_its_budget() -> None:
    """Modules have at most 400 lines; functions at most 50 without their docstring, three levels deep at most (DESIGN §2)."""
    too_much = []
    for path in (PROJECT / "statusgen").rglob("*.py"):
        text = path.read_text("utf-8")
        if text.count("\n") > 400:
            too_much.append(f"{path.name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                doc = ast.get_docstring(node, clean=False) or ""
                length = (node.end_lineno or 0) - node.lineno + 1 - (doc.count("\n") + 1 if doc else 0)
                if length > 50:
                    too_much.append(f"{path.name}:{node.name}: {length} lines")
                if depth(node) > 3:
                    too_much.append(f"{path.name}:{node.name}: {depth(node)} levels")
    assert not too_much


def depth(node: ast.AST) -> int:
    """How many blocks lie in one another at most; `elif` is as deep as its `if`, and a function inside counts for itself."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            continue
        is_elif = isinstance(child, ast.If) and isinstance(node, ast.If) and node.orelse == [child]
        is_block = isinstance(child, ast.If | ast.For | ast.While | ast.With | ast.Try) and not is_elif
        deepest = max(deepest, depth(child) + is_block)
    return deepest


def test_the_lock_satisfies_what_the_package_asks_for() -> None:
    """Every dependency of pyproject.toml is pinned and hashed in requirements/, and no registry is named there."""
    import re
    import tomllib

    from packaging.requirements import Requirement

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    lock = (PROJECT / "requirements" / "base.txt").read_text("utf-8")
    pinned = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", lock, re.MULTILINE))
    normal = {name.lower().replace("_", "-"): version for name, version in pinned.items()}
    for line in project["dependencies"]:
        wanted = Requirement(line)
        assert wanted.specifier.contains(normal[wanted.name.lower()]), line
    assert "http" not in lock
    assert lock.count("--hash=sha256:") >= len(pinned)
