"""Mails that are sent once: the address and code of somebody's own page, and the question whether a subscription is meant."""

from __future__ import annotations

from datetime import datetime

from statusgen import addresses
from statusgen.views.common import Look
from statusgen.views.message import Message, MessageKind, Recipient
from statusgen.views.notice import SUBJECT, Setting, cut


def _(message: str) -> str:
    """Marks a message for extraction."""
    return message


def welcome_message(setting: Setting, *, code: str, generation: int, made_at: datetime) -> Message:
    """How to get to one's own page: its plain address, and the code as text, never a link that holds it.

    `code`: "" where the page opens without one. There is one such mail for each `generation` of the address.
    """
    words = setting.words
    once = words.say(_("Open your page and type in this code. Your device can remember it."))
    return Message(
        kind=MessageKind.WELCOME,
        about="welcome",
        told=str(generation),
        made_at=made_at,
        recipient=setting.recipient,
        subject=words.say(_("Your own page: address and access code") if code else _("Your own page: its address")),
        headline=words.say(_("See how your requests are doing")),
        text=words.say(
            _("Everybody with a request has a page of their own: where it is, who has it, and by when you hear more.")
        ),
        next=once if code else words.say(_("Bookmark it: the address stays the same.")),
        code=code,
        reason=words.say(_("You get this once, because you have asked something of IT.")),
        list_name=words.say(_("Your own page")),
        link=setting.page,
        link_label=words.say(_("Open your page")),
        notes=(
            words.say(_("Keep the code to yourself: who has it and the address reads your page.")),
            words.say(_("Somebody else has seen it? Ask the service desk for a new one.")),
        )
        if code
        else (words.say(_("Keep the address to yourself: who has it reads your page.")),),
    )


def confirm_message(
    look: Look, recipient: Recipient, service: str, *, base_url: str, answer: str, made_at: datetime
) -> Message:
    """Whether somebody means to get the faults of a service by mail. `answer`: what the answer must carry to be believed."""
    words, name = look.words, look.name(service)
    called = {"service": words.isolated(name)}
    return Message(
        kind=MessageKind.CONFIRM,
        about=f"confirm/{service}",
        told=made_at.isoformat(),
        made_at=made_at,
        recipient=recipient,
        subject=cut(words.say(_("Confirm: mail about problems with %(service)s")) % called, SUBJECT + 20),
        headline=words.say(_("Do you want mail when %(service)s has a problem?")) % called,
        next=words.say(_("Answer this mail as it is, and you get it. Without an answer you get nothing more.")),
        reason=words.say(_("You get this because somebody asked for it with your address.")),
        list_name=words.say(_("Problems with services that you use")),
        link=base_url + addresses.service(service),
        link_label=words.say(_("See how %(service)s is doing")) % called,
        reply_ref=answer,
    )
