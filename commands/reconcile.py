"""``holdfast reconcile``: compares the ledger with Temporal's histories, and mends what it lost."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import groupby

from rich.console import Console
from temporalio.client import Client

from commands.act import operator
from desk.histories import answering, remembered
from desk.office import Office
from desk.reconciling import Comparison, Gone, Mended, compare, gone, mend, refuse_unmendable
from ledger.book import Lost


async def reconcile(
    connect: Callable[[], Awaitable[Client]],
    office: Office,
    contracts: Sequence[str],
    *,
    confirm: Callable[[str], bool],
    as_json: bool,
    console: Console,
) -> int:
    """Compare ``contracts``, or all; append what the ledger lost, once ``confirm`` says yes.

    Returns 1 where ledger and Temporal still differ in the end. Raises NotMendable where
    appending would not mend it, UnknownCase, TemporalSilent.
    """
    with answering():
        found = await remembered(await connect(), contracts)
    names = contracts or sorted({*found, *office.ledger.contracts()})
    comparisons = [compare(office, name, found.get(name, ())) for name in names]
    lacking = {each.contract: gone(office, each.lost) for each in comparisons}
    if not as_json:
        for each in comparisons:
            _print(each, lacking[each.contract], console)
    mended = _mend(comparisons, office, confirm)
    if as_json:
        documents = [_document(each, lacking[each.contract], mended) for each in comparisons]
        text = json.dumps(documents, indent=2)
        console.print(text, soft_wrap=True, highlight=False, markup=False)
    elif any(each.lost for each in comparisons):
        _say_mended(mended, console)
    return int(any(each.different or (each.lost and not mended) for each in comparisons))


def _mend(
    comparisons: Iterable[Comparison], office: Office, confirm: Callable[[str], bool]
) -> list[Mended]:
    behind = [each for each in comparisons if each.lost]
    if not behind:
        return []
    refuse_unmendable(office, comparisons)
    count = sum(len(each.lost) for each in behind)
    if not confirm(f"Append {_entries(count)} to the ledger?"):
        return []
    by = operator(office.private)
    mended = [mend(office, each, by) for each in behind]
    return [each for each in mended if each.lines]


def _print(compared: Comparison, lacking: Gone, console: Console) -> None:
    def say(text: str, style: str | None = None) -> None:
        console.print(text, style=style, soft_wrap=True, highlight=False, markup=False)

    name = compared.contract
    say(f"{name}: {_entries(compared.same)} the same in ledger and Temporal")
    if compared.alone:
        numbers = _ranges([line.seq for line in compared.alone])
        say(f"{name}: {_entries(len(compared.alone))} in the ledger only: {numbers}")
    for difference in compared.different:
        say(f"{name}: {difference}", "red")
    if compared.lost:
        say(f"{name}: {_entries(len(compared.lost))} in Temporal only", "red")
        for lost in compared.lost:
            say(f"  {_line(lost)}")
        say(f"  {_words(lacking)}")


def _say_mended(mended: Sequence[Mended], console: Console) -> None:
    def say(text: str) -> None:
        console.print(text, soft_wrap=True, highlight=False, markup=False)

    if not mended:
        say("Nothing was appended; holdfast reconcile --yes appends what is in Temporal only.")
    for each in mended:
        anew = len(each.lines) - each.restored
        say(f"{each.contract}: {_entries(each.restored)} chained again, exactly as before")
        if anew:
            say(
                f"{each.contract}: {_entries(anew)} recorded anew, under other hashes: "
                "verify --seen finds no head that was noted of them"
            )


def _words(lacking: Gone) -> str:
    if not any(lacking):
        return "No text, name or request that these refer to is lacking."
    return (
        f"Not in any history, and gone with the ledger's newer rows: {lacking.texts} texts "
        f'(they will read "[erased]"), {lacking.people} people\'s addresses, {lacking.requests} '
        "requests as received. Where there is a newer backup, restore that instead."
    )


def _line(lost: Lost) -> str:
    entry = lost.entry
    occurred = f"{entry.occurred_at:%F %T} UTC"
    return f"{lost.seq:>5}  {occurred}  {entry.stream}  {entry.body.kind}  {entry.key}"


def _entries(count: int) -> str:
    return f"{count} {'entry' if count == 1 else 'entries'}"


def _ranges(numbers: Sequence[int]) -> str:
    """Rising numbers, briefly: ``1-3, 7``."""
    runs = groupby(enumerate(numbers), lambda place: place[1] - place[0])
    ends = [[number for _, number in run] for _, run in runs]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in ends)


def _document(compared: Comparison, lacking: Gone, mended: Iterable[Mended]) -> dict[str, object]:
    return {
        "contract": compared.contract,
        "same": compared.same,
        "temporal_only": [
            {
                "seq": lost.seq,
                "stream": lost.entry.stream,
                "kind": lost.entry.body.kind,
                "key": lost.entry.key,
            }
            for lost in compared.lost
        ],
        "ledger_only": [{"seq": line.seq, "key": line.entry.key} for line in compared.alone],
        "different": [difference._asdict() for difference in compared.different],
        "gone": lacking._asdict(),
        "mended": [
            {"first": each.lines[0].seq, "last": each.lines[-1].seq, "restored": each.restored}
            for each in mended
            if each.contract == compared.contract
        ],
    }
