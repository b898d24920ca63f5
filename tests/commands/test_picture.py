"""``holdfast picture``: the ladder as drawn, and the one that the README shows."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from commands.picture import NoPicture, draw, picture
from contracts.reading import read_contract
from ladders.contract import Contract
from ladders.ladder import Ladder
from ladders.prose import Prose
from tests import world

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "kss-2026-014.yaml"
SVG = "{http://www.w3.org/2000/svg}"


def example() -> Contract:
    """The contract that is shipped as an example."""
    contract = read_contract(EXAMPLE, today=date(2026, 9, 1)).contract
    assert contract is not None
    return contract


def drawn(ladder: Ladder = world.LAUNCH, **milestone: object) -> ET.Element:
    """A ladder of the small world, drawn and parsed."""
    contract = world.by_address(world.contract(ladder, **milestone))
    return ET.fromstring(draw(contract))  # noqa: S314  (our own)


def words(svg: ET.Element) -> list[str]:
    """Each text in the picture, as it is read."""
    return [" ".join("".join(text.itertext()).split()) for text in svg.iter(f"{SVG}text")]


def test_the_readme_shows_the_ladder_of_the_example() -> None:
    """The picture is made by the project from its example: ``make picture`` writes it anew."""
    kept = (ROOT / "docs" / "ladder.svg").read_text(encoding="utf-8")
    assert draw(example()) == kept


def test_every_rung_says_who_does_what_by_when_and_by_what_right() -> None:
    """Of each rung: day, owner with role, the whole action, remedy and deadline."""
    found = words(ET.fromstring(draw(example())))  # noqa: S314
    text = " ".join(found)
    for rung in example().ladder("launch").rungs:
        assert " ".join(rung.action.split()) in text
        assert rung.remedy is None or f"remedy: {rung.remedy}; due" in text
    assert "day \u221210 early-warning Mira Sommer, owner" in found
    assert (
        "remedy: withhold the milestone payment; due within 10 business days, 1 Mar 2027" in found
    )


def test_the_stairs_rise_and_no_deadline_lies_beyond_day_ninety() -> None:
    """Each corner further right and higher than the one before; every bar ends on the axis."""
    svg = drawn()
    corners = [
        (float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in svg.iter(f"{SVG}circle")
    ]
    assert corners == sorted(corners, key=lambda corner: (corner[0], -corner[1]))
    assert len(set(corners)) == len(world.LAUNCH.rungs)
    bars = [path.attrib["d"] for path in svg.iter(f"{SVG}path") if path.get("class") == "due"]
    ends = [float(bar.rpartition("H")[2]) for bar in bars if "H" in bar]
    width = float(svg.attrib["width"])
    assert len(ends) == len(corners)
    assert all(x < end < width for (x, _), end in zip(corners, ends, strict=True))


def test_without_a_clause_no_remedy_is_drawn() -> None:
    """A right that no clause grants is not shown as one."""
    ladder = Ladder(
        id="short", version=1, situation=Prose("short"), rungs=(world.rung("a", 0, remedy="stop"),)
    )
    assert any("remedy: stop" in text for text in words(drawn(ladder)))
    assert not any("remedy" in text for text in words(drawn(ladder, clause=None)))


def test_words_of_a_contract_stay_words() -> None:
    """Markup is escaped, and what reorders or hides text is dropped."""
    title = Prose('</text><script>alert("x")</script>\u202e & more')
    svg = drawn(title=title)
    assert not list(svg.iter(f"{SVG}script"))
    assert words(svg)[0].startswith('</text><script>alert("x")</script> & more')


def test_long_words_are_cut_visibly() -> None:
    """An action longer than its two lines ends in an ellipsis, however it is written."""
    for action in ("word " * 300, "言" * 300, "x" * 900):
        rung = world.rung("a", 0).model_copy(update={"action": Prose(action)})
        ladder = Ladder(id="long", version=1, situation=Prose("long"), rungs=(rung,))
        assert [text for text in words(drawn(ladder)) if text.endswith(" …")]


def test_nothing_is_fetched_from_elsewhere() -> None:
    """The picture needs no font, no style sheet and no image beside itself."""
    text = draw(example())
    assert not [word for word in ("href", "url(", "@import", "@font-face", "src=") if word in text]


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    """Folders on the way are made; dates may be past; the milestone may be chosen."""
    out = tmp_path / "new" / "ppap.svg"
    assert picture(EXAMPLE, "ppap", out, console=Console(file=StringIO())) == 0
    assert "ppap, due 15 Feb 2027" in out.read_text(encoding="utf-8")


def test_a_wrong_contract_is_not_drawn(tmp_path: Path) -> None:
    """What is wrong is said as ``check`` says it, and no file appears."""
    wrong, said = tmp_path / "wrong.yaml", StringIO()
    wrong.write_text("contract: X\n", encoding="utf-8")
    assert picture(wrong, None, tmp_path / "x.svg", console=Console(file=said)) == 1
    assert f"{wrong}:1:1" in said.getvalue()
    assert not (tmp_path / "x.svg").exists()


def test_an_unknown_milestone_and_an_unwritable_file_are_refused(tmp_path: Path) -> None:
    """The refusal names the milestones there are; a folder is no file."""
    console = Console(file=StringIO())
    with pytest.raises(NoPicture, match="tooling, ppap"):
        picture(EXAMPLE, "sop", tmp_path / "x.svg", console=console)
    with pytest.raises(NoPicture, match="name a file"):
        picture(EXAMPLE, None, tmp_path, console=console)
