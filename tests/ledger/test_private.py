"""Private rows: sealed texts open again, erased ones do not, and nothing can be swapped in."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from ladders.contract import Contract
from ladders.prose import PersonRef, Prose, leaves, replace_leaves
from ledger.errors import NotSealable, PrivateRowForged
from ledger.private import ERASED, PrivateRows, slack_identity
from tests.ledger.chronicle import CONTRACT, note, registration
from tests.world import contract

TEXTS = st.text(min_size=1).filter(lambda text: "\0" not in text)


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(TEXTS, max_size=5))
def test_sealed_texts_open_again(private: PrivateRows, texts: list[str]) -> None:
    """Whatever is sealed opens to what it was, and meanwhile shows nothing of it."""
    value = [Prose(text) for text in texts]
    sealed = private.seal(CONTRACT, value)
    assert all(leaf.is_sealed for leaf in sealed)
    assert private.open(sealed) == value


def test_a_whole_contract_is_sealed(private: PrivateRows) -> None:
    """Every text of a contract, however deep, is replaced, and everything else stays."""
    terms = contract()
    sealed = private.seal(CONTRACT, terms)
    assert all(Prose(leaf).is_sealed for leaf in leaves(sealed, Prose))
    assert private.open(sealed) == terms
    assert sealed.milestones[0].due == terms.milestones[0].due


def test_equal_texts_of_one_call_share_a_commitment(private: PrivateRows) -> None:
    """Within a call the same text is one row; another call cannot be linked to it."""
    one, two = private.seal(CONTRACT, (Prose("Mira"), Prose("Mira")))
    assert one == two
    assert private.seal(CONTRACT, Prose("Mira")) != one


def test_what_has_no_text_needs_no_row(private: PrivateRows, engine: Engine) -> None:
    """A value without texts comes back as it is."""
    assert private.seal(CONTRACT, 7) == 7
    assert private.open(Prose("in clear")) == "in clear"
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM private_text")).scalar_one() == 0


def test_a_commitment_cannot_be_typed(private: PrivateRows) -> None:
    """Who types somebody else's commitment as a note would read the text; it is refused."""
    secret = private.seal(CONTRACT, Prose("for counsel only"))
    with pytest.raises(NotSealable):
        private.seal(CONTRACT, note(1, words=secret))


def test_what_a_database_cannot_keep_is_refused(private: PrivateRows) -> None:
    """A NUL character, which PostgreSQL cannot store, is refused before it gets there."""
    with pytest.raises(NotSealable):
        private.seal(CONTRACT, Prose("a\0b"))


@pytest.mark.parametrize("column", ["text", "salt"])
def test_a_changed_row_does_not_open(private: PrivateRows, engine: Engine, column: str) -> None:
    """A text, or a salt, that does not fit the commitment is refused, not shown."""
    sealed = private.seal(CONTRACT, Prose("cap 5%"))
    value = "cap 50%" if column == "text" else b"0" * 32
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE private_text SET {column} = :value"), {"value": value})
    with pytest.raises(PrivateRowForged):
        private.open(sealed)


def test_erasing_texts(private: PrivateRows) -> None:
    """Erased texts read as such; erasing again finds none."""
    gone, kept = private.seal(CONTRACT, (Prose("Mira Holm"), Prose("tooling")))
    assert private.erase([gone]) == 1
    assert private.open((gone, kept)) == (ERASED, "tooling")
    assert private.erase([gone]) == 0
    assert private.erase([]) == 0


def test_erasing_a_contract(private: PrivateRows) -> None:
    """All texts of one contract go, those of another stay."""
    one = private.seal(CONTRACT, (Prose("a"), Prose("b")))
    other = private.seal("B-2", Prose("a"))
    assert private.erase_contract(CONTRACT) == 2
    assert private.open((*one, other)) == (ERASED, ERASED, "a")


def test_texts_that_mention_somebody_are_found(private: PrivateRows) -> None:
    """The commitments of texts with a word in them, in any case, also beyond ASCII."""
    one, two = private.seal(CONTRACT, (Prose("call JÖRG Müller"), Prose("call Mira 100%")))
    other = private.seal("B-2", Prose("jörg"))
    assert private.mentioning("Jörg", CONTRACT) == [one]
    assert private.mentioning("Jörg") == sorted([one, other])
    assert private.mentioning("%") == [two]


def identified(private: PrivateRows, terms: Contract) -> Contract:
    """As the desk prepares a contract: people by pseudonym, texts sealed."""
    people = tuple(
        person.model_copy(update={"name": Prose(f"Name of {person.id}")}) for person in terms.people
    )
    named = terms.model_copy(update={"people": people})
    return private.seal(terms.contract, replace_leaves(named, PersonRef, private.identify))


def test_erasing_a_person(private: PrivateRows) -> None:
    """Name, address and identity of one person go; everybody else's stay."""
    terms = identified(private, contract())
    mira, jonas = terms.people[0], terms.people[1]
    entries = [registration(terms), note(1)]
    assert private.erase_person(mira.id, entries) == 3
    assert private.identity_of(mira.id) is None
    assert private.open(mira).name == private.open(mira).email == ERASED
    assert private.open(jonas).name == "Name of p-jonas"
    assert private.identity_of(jonas.id) == "p-jonas"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_sqlite_forgets_what_is_erased(private: PrivateRows, tmp_path: Path) -> None:
    """The erased bytes are in no file of the database, not even in its log."""
    planted = "Zebulon Quartermain"

    def is_on_disk() -> bool:
        return any(planted.encode() in path.read_bytes() for path in tmp_path.iterdir())

    sealed = private.seal(CONTRACT, Prose(planted))
    assert is_on_disk()
    private.erase([sealed])
    assert not is_on_disk()


def test_an_identity_has_one_pseudonym(private: PrivateRows) -> None:
    """The same person gets the same pseudonym in whatever case, and it leads back."""
    mira = private.identify("Mira@Ardent.example")
    assert private.identify(" mira@ardent.EXAMPLE") == mira
    assert private.identify("os:root") != mira
    assert private.identity_of(mira) == "mira@ardent.example"
    assert private.identity_of("p-nobody") is None
    assert len(mira) == 10
    assert mira.startswith("p-")


def test_an_erased_identity_does_not_come_back(private: PrivateRows) -> None:
    """Somebody who returns after erasure is somebody new."""
    before = private.identify("mira@ardent.example")
    assert private.erase_person(before, []) == 1
    assert private.identify("mira@ardent.example") != before


def test_sixteen_threads_identify_the_same_people(private: PrivateRows) -> None:
    """First use by everybody at once makes one pseudonym per person."""
    barrier = threading.Barrier(16)

    def run(_: int) -> list[str]:
        barrier.wait()
        return [private.identify(f"person{number}@x.example") for number in range(5)]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(run, range(16)))
    assert all(answer == answers[0] for answer in answers)
    assert len(set(answers[0])) == 5


def test_a_member_of_a_workspace_is_a_person(private: PrivateRows) -> None:
    """By workspace and member together, both ways; an unknown member is nobody."""
    mira, jonas = (private.identify(f"{name}@ardent.example") for name in ("mira", "jonas"))
    private.remember_slack("T1", "U1", mira, "Europe/Berlin")
    private.remember_slack("T1", "U2", jonas, None)
    assert private.slack_person("T1", "U1") == mira
    assert private.slack_person("T2", "U1") is None
    assert private.slack_of(mira) == ("T1", "U1", "Europe/Berlin")
    assert private.slack_of(jonas) == ("T1", "U2", None)
    assert private.slack_of("p-nobody") is None


def test_a_person_is_one_member(private: PrivateRows) -> None:
    """Whoever comes back under another id, or moves with all to another workspace, has one id."""
    mira = private.identify("mira@ardent.example")
    for team, member in (("T1", "U1"), ("T1", "U1"), ("T1", "U9"), ("T2", "U5")):
        private.remember_slack(team, member, mira, "Europe/Berlin")
    assert private.slack_of(mira) == ("T2", "U5", "Europe/Berlin")
    assert private.slack_person("T1", "U1") is private.slack_person("T1", "U9") is None


def test_an_erased_person_is_no_member(private: PrivateRows) -> None:
    """Erasing a person takes the Slack identity along."""
    mira = private.identify("mira@ardent.example")
    private.remember_slack("T1", "U1", mira, None)
    assert private.erase_person(mira, []) == 2
    assert private.slack_person("T1", "U1") is None


def test_an_erased_person_is_no_member_by_an_earlier_name_either(private: PrivateRows) -> None:
    """What they sent before it was known who they are names them no more."""
    mira = private.identify("mira@ardent.example")
    bare = private.identify(slack_identity("T1", "U1"))
    other = private.identify(slack_identity("T1", "U2"))
    private.remember_slack("T1", "U1", mira, None)
    assert private.erase_person(mira, []) == 3
    assert private.identity_of(bare) is None
    assert private.identity_of(other) == slack_identity("T1", "U2")
