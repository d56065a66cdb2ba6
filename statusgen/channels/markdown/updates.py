"""The twin of the page that says how to be told: every feed, calendar and program's file, with addresses to copy."""

from __future__ import annotations

from collections.abc import Iterator

from statusgen import addresses
from statusgen.channels.markdown.pages import head
from statusgen.channels.markdown.sheet import FEEDS, Sheet
from statusgen.text.commonmark import code, link
from statusgen.views.plain import UpdatesPage


def updates(page: UpdatesPage, sheet: Sheet) -> None:
    """Which way of being told is whose, and how each is used."""
    words = sheet.words
    head(sheet, words.say("Get updates"), words.say("Follow everything or one service, without looking here."))
    sheet.heading(2, sheet.say("Which one do I want?"))
    sheet.bullets(_wishes(page, sheet))
    _reader(page, sheet)
    if page.by_mail:
        _mail(page, sheet)
    _chat(page, sheet)
    _calendar(page, sheet)
    sheet.heading(2, sheet.say("One service"))
    sheet.add(
        sheet.say(
            "Each service has feeds of its own, for a reader and for a channel. All its addresses, with badge and frame, stand on its page."
        )
    )
    for service in page.services:
        sheet.heading(3, sheet.page(service))
        sheet.bullets(_of_service(page.base_url + service.address, sheet))
    _elsewhere(page, sheet)
    _programs(page, sheet)


def _wishes(page: UpdatesPage, sheet: Sheet) -> Iterator[str]:
    yield sheet.say("Tell me when something breaks: a feed, in my mail program or feed reader")
    if page.by_mail:
        yield sheet.say("Tell me by mail when a service breaks")
    yield sheet.say("Tell my team in our chat: Teams or Slack")
    yield sheet.say("Put planned work into my calendar")
    if page.personal:
        own = sheet.words.say("Tell me how my own request is doing: my own page")
        yield link(own, page.base_url + addresses.ME)
    yield sheet.say("Only one service matters to me")
    yield sheet.say("Show the state on our intranet: a badge, or a small page in a frame")
    yield sheet.say("Let a program or a monitor read it")


def _reader(page: UpdatesPage, sheet: Sheet) -> None:
    say = sheet.say
    sheet.heading(2, say("In a mail program or feed reader"))
    sheet.add(
        say(
            "Each problem and each piece of planned work is one entry, which changes as more is known. Copy the address into your program:"
        ),
        f"<{page.base_url}feed.rss>",
    )
    sheet.bullets(
        (
            say("Outlook: File, Account Settings, RSS Feeds, New."),
            say("Thunderbird: New, Feed Account; then Manage Subscriptions."),
            say("Any feed reader on a computer or phone: add a feed, and paste the address."),
        )
    )
    sheet.add(say("If your program asks for another format, here is the same as Atom and as JSON Feed:"))
    sheet.bullets((f"<{page.base_url}feed.atom>", f"<{page.base_url}feed.json>"))
    sheet.add(
        say("And this is the list of all feeds, of every service too, for a reader that can import an OPML file:"),
        f"<{page.base_url}{addresses.OPML}>",
    )


def _mail(page: UpdatesPage, sheet: Sheet) -> None:
    sheet.heading(2, sheet.say("By mail"))
    sheet.add(
        sheet.say(
            "Choose a service and send the mail that opens, as it is. The answer asks whether you meant it; after your yes you hear of each problem of that service, and each of those mails says how to stop."
        )
    )
    sheet.bullets(link(one.text, one.address) for one in page.by_mail)


def _chat(page: UpdatesPage, sheet: Sheet) -> None:
    say = sheet.say
    sheet.heading(2, say("In a chat channel"))
    sheet.add(
        say(
            "A channel shows only what is new, so take the feed in which each update is an entry of its own, as it is written."
        )
    )
    sheet.heading(3, "Slack")
    sheet.add(say("With the RSS app installed, write this in the channel:"))
    sheet.add(code(f"/feed subscribe {page.base_url}updates.rss"))
    sheet.heading(3, "Teams")
    sheet.add(
        say(
            "Make a workflow (Power Automate) that begins “When a feed item is published” and posts a message in your channel. Give it this address:"
        ),
        f"<{page.base_url}updates.rss>",
        say("The same as Atom and as JSON Feed:"),
    )
    sheet.bullets((f"<{page.base_url}updates.atom>", f"<{page.base_url}updates.json>"))


def _calendar(page: UpdatesPage, sheet: Sheet) -> None:
    say = sheet.say
    webcal = "webcal://" + page.base_url.partition("://")[2] + addresses.CALENDAR
    apple = say("Apple: Calendar, File, New Calendar Subscription; or with this link:")
    sheet.heading(2, say("In a calendar"))
    sheet.add(
        say(
            "Subscribe to this address, and the calendar keeps itself up to date, also when work is moved or called off:"
        ),
        f"<{page.base_url}{addresses.CALENDAR}>",
    )
    sheet.bullets(
        (
            say("Outlook: Calendar, Add calendar, Subscribe from web."),
            say("Google Calendar: Other calendars, From URL."),
            f"{apple} {link(sheet.words.say('Subscribe'), webcal)}",
        )
    )


def _of_service(folder: str, sheet: Sheet) -> Iterator[str]:
    for stem, told in FEEDS.items():
        whole = (f"<{folder}{stem}.{kind}>" for kind in ("rss", "atom", "json"))
        yield sheet.words.label(sheet.say(told), sheet.words.join(whole))
    yield sheet.words.label(sheet.say("Calendar"), f"<{folder}{addresses.CALENDAR}>")


def _elsewhere(page: UpdatesPage, sheet: Sheet) -> None:
    say = sheet.say
    sheet.heading(2, say("On another page"))
    sheet.add(
        say(
            "Paste one of these into the HTML of your intranet. It always shows the state as it is; each service has the same on its page."
        )
    )
    sheet.bullets(
        (
            sheet.words.label(say("A badge"), code(page.badge)),
            sheet.words.label(say("A small page in a frame"), code(page.frame)),
        )
    )


def _programs(page: UpdatesPage, sheet: Sheet) -> None:
    say = sheet.say
    sheet.heading(2, say("For programs"))
    sheet.add(
        say("The state of everything, with what goes on and what is planned:"),
        f"<{page.top_url}{addresses.STATUS}>",
        say(
            "A program that can read a page by Statuspage can read this one. If it asks for an address, give it the first; if it wants the API, the second:"
        ),
    )
    sheet.bullets((f"<{page.top_url}>", f"<{page.top_url}{addresses.API}summary.json>"))
    sheet.add(
        say("Whether this site is alive: when it was last made, and until when that is good:"),
        f"<{page.top_url}{addresses.HEARTBEAT}>",
        say("Every page as plain text in Markdown: put index.md behind its address. The list of them:"),
        f"<{page.top_url}{addresses.LLMS}>",
        say("A badge of your own making, from the state in the format of shields.io:"),
        f"<{page.top_url}{addresses.BADGES['shields']}>",
    )
