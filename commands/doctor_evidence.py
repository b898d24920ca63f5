"""What ``holdfast doctor`` says of evidence: what is lost or changed, what has not come yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from commands.finding import Finding
from commands.preview import counted
from desk.office import Office
from ladders.values import Ref
from ledger.exhibits import awaited, wanting

_LATE = timedelta(hours=1)


def evidence_findings(office: Office, contracts: Iterable[Ref], now: datetime) -> Iterator[Finding]:
    """Of ``contracts``, whose entries can be read; every file that they name is read too."""
    store, is_whole = office.evidence, True
    for contract in contracts:
        for sha256, condition in wanting(office.ledger, contract, store).items():
            is_whole = False
            yield Finding(
                f"evidence of {contract}: {sha256} is {condition}",
                f"restore {store.folder} from its backup; or put a copy of the file back there, "
                "named by its SHA-256 as above",
            )
        if since := awaited(office.ledger, contract):
            yield _awaited(contract, since, now)
    if is_whole:
        yield Finding(f"evidence: whole, in {store.folder}")


def _awaited(contract: Ref, since: list[datetime], now: datetime) -> Finding:
    files = counted(len(since), "file")
    what = f"evidence of {contract}: {files} still to be fetched, since {min(since):%F %R} UTC"
    if now - min(since) < _LATE:
        return Finding(what)
    remedy = (
        "see that a worker runs, that Slack answers it, that its token may read files, and that "
        "there is room where evidence is kept; no clock waits for it"
    )
    return Finding(what, remedy)
