"""How long ``holdfast status`` takes, as whole processes: ``python -m tests.bench.status``.

The figures depend on the machine and on what else runs there; the ratios hardly do.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from desk.office import Office
from settings import utc_now
from tests.bench.supplier_base import fill
from tests.ledger.chronicle import note

LADDERS = 1000
RUNS = 9
APPENDS = 200
ROOT = Path(__file__).parents[2]
STATUS = (str(ROOT / "cli.py"), "status")
LOADING = ("-c", "import cli, commands.status")
FOLD = """
import cli, settings
book = settings.open_office(settings.Settings()).casebook
print(sum(1 for ref in book.ledger.contracts() for state in book.ladders(ref)))
"""
FOLDING = ("-c", FOLD)


class Took(NamedTuple):
    """What some runs took, sorted: seconds on the wall, and seconds of processors."""

    wall: list[float]
    processors: list[float]

    @property
    def work(self) -> float:
        """The median of the processors' seconds, which other programs hardly change."""
        return statistics.median(self.processors)

    def __str__(self) -> str:
        """The range on the wall with its median, and the work."""
        wall = f"{self.wall[0]:.2f} / {statistics.median(self.wall):.2f} / {self.wall[-1]:.2f} s"
        return f"{wall}, {self.work:.2f} s of processors"


def main() -> None:
    """Build the ledger, run everything, print the figures."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        office = Office.open(f"sqlite:///{folder}/ledger.sqlite", utc_now)
        fill(office, LADDERS, utc_now())
        entries = sum(len(office.ledger.lines(ref)) for ref in office.ledger.contracts())
        console.print(f"{LADDERS} open ladders, {entries} entries; minimum / median / maximum:")
        measure(Path(folder), office, console)
        office.close()


def measure(folder: Path, office: Office, console: Console) -> None:
    """Print how long each way of reading takes, and what the standings cost an append."""
    first = took(folder, STATUS, 1)
    status = took(folder, STATUS)
    document = took(folder, (*STATUS, "--json"))
    loading = took(folder, LOADING)
    folding = took(folder, FOLDING, 3)
    console.print(f"status                      {status}")
    console.print(f"status --json               {document}")
    console.print(f"of which loading the code   {loading}")
    console.print(f"folding every ladder anew   {folding}: {folding.work / status.work:.1f} x")
    console.print(f"status without standings    {first}: {first.work / status.work:.1f} x")
    console.print(f"one append, and its standing's following: {following(office)}")


def took(folder: Path, program: tuple[str, ...], runs: int = RUNS) -> Took:
    """Run a program of this environment on the ledger in ``folder``."""
    measured = [run(folder, program) for _ in range(runs)]
    wall, processors = zip(*measured, strict=True)
    return Took(sorted(wall), sorted(processors))


def run(folder: Path, program: tuple[str, ...]) -> tuple[float, float]:
    """Run it once; return the seconds on the wall, and those of processors."""
    began, worked = time.perf_counter(), worked_by_children()
    subprocess.run(
        [sys.executable, *program],
        env={**os.environ, "HOLDFAST_DATA": str(folder)},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began, worked_by_children() - worked


def worked_by_children() -> float:
    """The seconds of processors that all programs run so far have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def following(office: Office) -> str:
    """How long an append to a ladder takes, and how long its standing takes to follow."""
    appends, follows = [], []
    for ladder in office.standings.open_ladders()[:: LADDERS // APPENDS]:
        stream = ladder.contract, ladder.stream
        after = office.ledger.lines(*stream)[-1].entry.key
        entry = note(1, stream=ladder.stream, contract=ladder.contract)
        entry = entry.model_copy(update={"key": f"bench/{ladder.stream}", "after": after})
        began = time.perf_counter()
        office.ledger.append(entry)
        appended = time.perf_counter()
        office.standings.follow(*stream)
        appends.append(appended - began)
        follows.append(time.perf_counter() - appended)
    return f"{statistics.median(appends) * 1000:.1f} ms, {statistics.median(follows) * 1000:.1f} ms"


if __name__ == "__main__":
    main()
