"""The wheel, installed somewhere else, is the whole program."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*command: str | Path, cwd: Path) -> str:
    """Run a program to its successful end; return what it wrote."""
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without an index."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    return next(folder.glob("*.whl"))


def test_everything_in_the_packages_is_in_the_wheel(wheel: Path) -> None:
    """Templates, ladders and migrations travel with the code, and nothing else does."""
    packages = {path.parent for path in ROOT.glob("*/__init__.py")}
    files = {path for package in packages for path in package.rglob("*") if path.is_file()}
    files |= set(ROOT.glob("*.py"))
    expected = {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}
    packed = zipfile.ZipFile(wheel).namelist()
    assert {name for name in packed if ".dist-info/" not in name} == expected


def test_the_installed_program_checks_a_contract_outside_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    """In an environment that does not know the checkout, an example is checked and found valid."""
    home = tmp_path / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", home, cwd=tmp_path)
    scripts = home / "bin"
    install = ("install", "--quiet", "--no-deps", "--no-index", wheel)
    run(sys.executable, "-m", "pip", "--python", scripts / "python", *install, cwd=tmp_path)
    site = run(
        scripts / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))",
        cwd=tmp_path,
    )  # fmt: skip
    # Adds the dependencies, but not what their own .pth files point to: the checkout stays unseen.
    (Path(site.strip()) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    assert "kss-2026-014.yaml: correct" in run(
        scripts / "holdfast", "check", "examples", cwd=tmp_path
    )
    version = wheel.name.split("-")[1]
    assert run(scripts / "holdfast", "--version", cwd=tmp_path) == f"holdfast {version}\n"
