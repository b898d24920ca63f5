"""From the letter to the ledger: a mail is sent, its link opened, its form answered."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
from pydantic import SecretStr

from channels.message import Address, Handle, Letter, Offer
from clients import choose_links, choose_mail
from ladders.requirements import about
from settings import Settings
from tests.channels.mail_server import postbox
from tests.stage import CONTRACT, MIRA, Stage
from web.answering import answer_routes
from web.app import create_app
from web.serving import listening


async def test_a_question_sent_by_mail_is_answered_through_its_link(
    stage: Stage, tmp_path: Path
) -> None:
    """As the settings wire it; the address is looked up on the roster, in whatever case."""
    await stage.missed()
    handle = Handle(
        contract=CONTRACT,
        stream="tooling/1",
        rung="plan",
        about=about(stage.state(), "complete", "plan"),
    )
    offer = Offer(action="complete", label="Action done…", meaning="it is done", handle=handle)
    letter = Letter(
        key="a", to=Address(email=MIRA.upper()), subject="Rung 1", text="Act.", offers=(offer,)
    )
    async with postbox() as box:
        settings = Settings(
            data=tmp_path,
            smtp_host="127.0.0.1",
            smtp_port=box.port,
            smtp_tls="none",
            smtp_from="Holdfast <holdfast@ardent.example>",
            public_url="https://hold.example/sub/",
            link_secret=SecretStr("by chance " * 4),
        )
        channel = choose_mail(settings, stage.office)
        assert channel is not None
        await channel.post(letter)
        (mail,) = box.mails
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"https://hold\.example/sub(/answer/\S+)", body.get_content())
    assert found is not None
    links = choose_links(settings, stage.office.clock)
    assert links is not None
    routes = answer_routes(stage.desk, stage.office.casebook, links, stage.office.clock)
    async with (
        listening(create_app(routes), "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        assert "Report the action done" in (await http.get(found[1])).text
        done = await http.post(found[1], data={"note": "8D report sent", "shown": "once"})
    assert done.status_code == 200
    entry = stage.course()[-1]
    assert entry.body.kind == "rung.completed"
    assert (entry.by.actor, entry.by.via) == (stage.person(MIRA), "email")
