"""The house stands as it was drawn: who may import whom, and what is never loaded."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import ladders

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
PACKAGES = {path.parent.name for path in ROOT.glob("*/__init__.py")}
HEAVY = {
    "alembic", "holidays", "jinja2", "openpyxl", "rich", "ruamel", "slack_sdk", "sqlalchemy",
    "sqlmodel",
}  # fmt: skip

ROOTS = (
    "cli",
    "cli_contracts",
    "cli_files",
    "cli_operation",
    "clients",
    "settings",
    "terminal",
    "worker",
)


def tool(name: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run one of the project's tools in the checkout."""
    program = str(Path(sys.executable).parent / name)
    return subprocess.run(
        [program, *arguments], cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )


def loaded_by(*modules: str) -> set[str]:
    """The top-level packages in memory after importing ``modules`` in a fresh interpreter."""
    program = f"import {', '.join(modules)}, sys; print(*(n.split('.')[0] for n in sys.modules))"
    return set(tool("python", "-c", program).stdout.split())


def test_imports_run_downwards_only() -> None:
    """Import-linter keeps every contract of pyproject.toml."""
    done = tool("lint-imports", "--no-cache", "--no-logo")
    assert done.returncode == 0, done.stdout


def test_every_package_has_its_layer_and_its_place_in_the_wheel() -> None:
    """A package that nobody names would be under no law and in no wheel."""
    linter = SETTINGS["importlinter"]
    layers = next(c for c in linter["contracts"] if c["id"] == "layers")["layers"]
    assert set(linter["root_packages"]) == PACKAGES
    assert {name.strip() for layer in layers for name in layer.split("|")} == PACKAGES
    modules = {f"{name}.py" for name in ROOTS}
    assert {path.name for path in ROOT.glob("*.py")} == modules
    assert set(SETTINGS["hatch"]["build"]["only-include"]) == PACKAGES | modules


@pytest.mark.parametrize("module", ROOTS)
@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_no_package_imports_a_root_module(package: str, module: str) -> None:
    """Ruff refuses it, wherever in the packages it were written."""
    found = tool(
        "ruff", "check", "--select", "TID251", "--stdin-filename", f"{package}/planted.py", "-",
        given=f"import {module}\n",
    )  # fmt: skip
    assert found.returncode == 1
    assert "TID251" in found.stdout


@pytest.mark.parametrize("module", ["workflows.ladder", "workflows.contract", "workflows.digest"])
def test_a_workflow_loads_nothing_heavy(module: str) -> None:
    """Each cold workflow would pay for it, and none of it belongs into deterministic code."""
    loaded = loaded_by(module)
    assert {"workflows", "temporalio"} <= loaded
    assert not loaded & HEAVY


def test_the_heart_loads_neither_temporal_nor_a_database() -> None:
    """Every module of ``ladders`` takes the standard library and pydantic."""
    modules = [f"ladders.{module.name}" for module in pkgutil.iter_modules(ladders.__path__)]
    loaded = loaded_by(*modules)
    assert {"ladders", "pydantic"} <= loaded
    assert not loaded & (HEAVY | {"temporalio", "typer"})
