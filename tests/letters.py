"""Invented messages of every kind, in the words that a reader would see, and the mail that they become."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from statusgen import build
from statusgen.channels.mail import Mail, Sender
from statusgen.channels.mail.letters import Post
from statusgen.letters import Letter
from statusgen.themes import read_theme
from statusgen.views.common import Support
from statusgen.views.message import (
    Appointment,
    Bar,
    Fact,
    Measure,
    Message,
    MessageKind,
    Recipient,
    Row,
    Section,
)  # fmt: skip
from tests.paths import PROJECT

ZONE = "Europe/Amsterdam"
LANGUAGES = ("en", "nl", "de", "fr", "es", "ar")
BASE = "https://status.kadewerk.example/"
PAGE = f"{BASE}u/k2j4v6w3x5y7z2a4b6c3d5e7f2g4h6i3/"
AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
SENDER = Sender(
    name="Kadewerk IT status",
    address="status@kadewerk.example",
    reply_to="servicedesk@kadewerk.example",
    stops="status-bounces@kadewerk.example",
)
KEY = "3bf4d39e1c7a5b6288f0d1e2c3b4a596"

_EN = {
    "received": "We have your question", "printer": "Second screen stays black on the dock",
    "hold": "Priya Raman looks at it today.", "by": "You hear more by Tue 24 Nov, 16:00", "person": "Priya Raman, Workplace",
    "reason": "You get this because you asked us for this.", "stop": "Stop mail about your requests",
    "list": "Mail about your requests", "open": "See your request", "moved": "Moved to Thursday 26 November: your laptop dock",
    "moved_head": "Your dock comes later: Thursday 26 November", "was": "Was", "waswhen": "Tue 24 Nov, before 12:00",
    "said": "The supplier had sent the wrong model. The right one is in the van on Thursday; I bring it myself.",
    "when": "Thu 26 Nov, before 12:00", "turn": "Your turn: which laptop model?", "turnhead": "Choose a model, then we order it",
    "asks": "Model A (13 inch, 1.1 kg) or model B (15 inch, 1.7 kg)? Both are in stock.", "turnby": "Please answer by Wed 25 Nov, 12:00",
    "solved": "Solved: access to the Facilities mailbox", "solvedhead": "You can open the Facilities mailbox again",
    "solvednext": "Not right after all? Answer within 5 working days, and we go on with it.",
    "missed": "We missed Tuesday: your laptop dock", "missedhead": "The dock did not come on Tuesday",
    "fault": "Down: printing in the Harbour building", "faulthead": "Nobody in the Harbour building can print",
    "faultnext": "Print on Quay 4: your badge works on every printer there.",
    "weekly": "Service desk week 47: 3 promises missed, 41 solved", "weeklyhead": "3 promised dates were missed; 41 requests solved",
    "summary": "38 of 41 promised dates were kept (93%). Twelve people are waiting for our answer; the longest has waited 9 working days without a word from us.",
    "decide": "Needs a decision from you", "why1": "No word for 9 working days. Promised Thu 12 Nov.", "why2": "Approval is still open.",
    "why3": "Reopened twice; promised anew three times.", "more": "4 more requests without a word for 5 working days", "next_by": "Promised for",
    "numbers": "The week in numbers", "ages": "How long open requests have waited", "kept": "Promised dates kept", "silence": "Longest silence",
    "new": "New", "opened": "Open at the end of the week", "first": "Time to the first answer (median)", "2fewer": "2 fewer than the week before",
    "3more": "3 more than the week before", "days": "days", "up1": "Up to 1 day", "to5": "2 to 5 days", "to10": "6 to 10 days", "over": "Over 30 days",
    "note": "Counted on Monday 23 November 2026 at 00:00. Working hours: Monday to Friday, 08:00 to 18:00.",
    "weekreason": "You get this every Monday because you lead the Workplace team.", "weekstop": "Stop this digest", "weeklist": "The service desk's week",
    "digest": "Your dock comes Thursday; 1 question for you", "digesthead": "One question for you, one date this week", "yourturn": "Your turn", "coming": "Coming up",
    "welcome": "Your page with IT: address and access code", "welcomehead": "Your own page: how your requests are doing",
    "address": "Address", "code": "Access code", "confirm": "Please confirm: mail about problems with Printing", "confirmhead": "Do you want mail when Printing has a problem?",
    "confirmnext": "Answer this mail as it is, and you get it from then on. Without an answer you get nothing.",
}  # fmt: skip
_NL = {
    "received": "We hebben je vraag", "printer": "Tweede scherm blijft zwart op het dock",
    "hold": "Priya Raman kijkt er vandaag naar.", "by": "Je hoort meer uiterlijk di 24 nov, 16:00", "person": "Priya Raman, Werkplek",
    "reason": "Je krijgt dit omdat je ons dit hebt gevraagd.", "stop": "Geen mail meer over je vragen",
    "list": "Mail over je vragen", "open": "Bekijk je vraag", "moved": "Verplaatst naar donderdag 26 november: je laptopdock",
    "moved_head": "Je dock komt later: donderdag 26 november", "was": "Was", "waswhen": "di 24 nov, vóór 12:00",
    "said": "De leverancier had het verkeerde model gestuurd. Het juiste ligt donderdag in de bus; ik breng het zelf.",
    "when": "do 26 nov, vóór 12:00", "turn": "Jouw beurt: welk model laptop?", "turnhead": "Kies een model, dan bestellen we het",
    "asks": "Model A (13 inch, 1,1 kg) of model B (15 inch, 1,7 kg)? Beide zijn op voorraad.", "turnby": "Antwoord graag uiterlijk wo 25 nov, 12:00",
    "solved": "Opgelost: toegang tot de mailbox Facilities", "solvedhead": "Je kunt de mailbox Facilities weer openen",
    "solvednext": "Toch niet goed? Antwoord binnen 5 werkdagen, dan gaan we ermee verder.",
    "missed": "Dinsdag is niet gelukt: je laptopdock", "missedhead": "Het dock is dinsdag niet gekomen",
    "fault": "Ligt eruit: printen in het Havengebouw", "faulthead": "Niemand in het Havengebouw kan printen",
    "faultnext": "Print op Kade 4: je pas werkt daar op elke printer.",
    "weekly": "Servicedesk week 47: 3 beloftes gemist, 41 opgelost", "weeklyhead": "3 beloofde datums gemist; 41 vragen opgelost",
    "summary": "38 van 41 beloofde datums zijn gehaald (93%). Twaalf mensen wachten op ons antwoord; de langste wacht al 9 werkdagen zonder een woord van ons.",
    "decide": "Hier is jouw besluit nodig", "why1": "9 werkdagen niets gehoord. Beloofd voor do 12 nov.", "why2": "Het akkoord is nog open.",
    "why3": "Twee keer heropend; drie keer opnieuw beloofd.", "more": "Nog 4 vragen waar 5 werkdagen niets over is gezegd", "next_by": "Beloofd voor",
    "numbers": "De week in cijfers", "ages": "Hoe lang open vragen wachten", "kept": "Beloofde datums gehaald", "silence": "Langste stilte",
    "new": "Nieuw", "opened": "Open aan het eind van de week", "first": "Tijd tot het eerste antwoord (mediaan)", "2fewer": "2 minder dan de week ervoor",
    "3more": "3 meer dan de week ervoor", "days": "dagen", "up1": "Tot 1 dag", "to5": "2 tot 5 dagen", "to10": "6 tot 10 dagen", "over": "Meer dan 30 dagen",
    "note": "Geteld op maandag 23 november 2026 om 00:00. Werktijd: maandag tot en met vrijdag, 08:00 tot 18:00.",
    "weekreason": "Je krijgt dit elke maandag omdat je het team Werkplek leidt.", "weekstop": "Stop dit overzicht", "weeklist": "De week van de servicedesk",
    "digest": "Je dock komt donderdag; 1 vraag aan jou", "digesthead": "Eén vraag aan jou, één datum deze week", "yourturn": "Jouw beurt", "coming": "Wat eraan komt",
    "welcome": "Je pagina bij IT: adres en toegangscode", "welcomehead": "Je eigen pagina: hoe het met je vragen gaat",
    "address": "Adres", "code": "Toegangscode", "confirm": "Graag bevestigen: mail over problemen met Printen", "confirmhead": "Wil je mail als er een probleem is met Printen?",
    "confirmnext": "Antwoord op deze mail zoals hij is, en je krijgt ze voortaan. Zonder antwoord krijg je niets.",
}  # fmt: skip
_AR = {
    "received": "وصلنا طلبك", "printer": "الشاشة الثانية تبقى سوداء على قاعدة الحاسوب",
    "hold": "تنظر بريا رامان في الأمر اليوم.", "by": "نخبرك بالمزيد قبل الثلاثاء 24 نوفمبر، 16:00", "person": "بريا رامان، فريق مكان العمل",
    "reason": "تصلك هذه الرسالة لأنك طلبت منا ذلك.", "stop": "إيقاف الرسائل عن طلباتك",
    "list": "رسائل عن طلباتك", "open": "اعرض طلبك", "moved": "نُقل إلى الخميس 26 نوفمبر: قاعدة حاسوبك",
    "moved_head": "تصل قاعدة حاسوبك لاحقًا: الخميس 26 نوفمبر", "was": "كان", "waswhen": "الثلاثاء 24 نوفمبر، قبل 12:00",
    "said": "أرسل المورّد طرازًا خاطئًا. الطراز الصحيح في السيارة يوم الخميس، وسأحضره بنفسي.",
    "when": "الخميس 26 نوفمبر، قبل 12:00", "turn": "دورك: أي طراز من الحواسيب؟", "turnhead": "اختر طرازًا لنطلبه لك",
    "asks": "الطراز A (13 بوصة، 1.1 كغ) أم الطراز B (15 بوصة، 1.7 كغ)؟ كلاهما متوفر.", "turnby": "نرجو الرد قبل الأربعاء 25 نوفمبر، 12:00",
    "solved": "تم الحل: الوصول إلى صندوق بريد المرافق", "solvedhead": "يمكنك فتح صندوق بريد المرافق من جديد",
    "solvednext": "ليس كما ينبغي؟ أجب خلال 5 أيام عمل ونتابع الأمر.",
    "missed": "لم نفِ بموعد الثلاثاء: قاعدة حاسوبك", "missedhead": "لم تصل القاعدة يوم الثلاثاء",
    "fault": "متوقفة: الطباعة في مبنى المرفأ", "faulthead": "لا أحد في مبنى المرفأ يستطيع الطباعة",
    "faultnext": "اطبع في الرصيف 4: بطاقتك تعمل على كل طابعة هناك.",
    "weekly": "مكتب الخدمة، الأسبوع 47: 3 وعود فائتة و41 حلًا", "weeklyhead": "فاتت 3 مواعيد موعودة وحُلّ 41 طلبًا",
    "summary": "وُفي بـ 38 من 41 موعدًا (93%). ينتظر اثنا عشر شخصًا جوابنا، وأطولهم انتظارًا منذ 9 أيام عمل دون كلمة منا.",
    "decide": "يحتاج إلى قرارك", "why1": "لا كلمة منذ 9 أيام عمل. الموعد كان الخميس 12 نوفمبر.", "why2": "الموافقة لم تصدر بعد.",
    "why3": "أعيد فتحه مرتين، ووُعد به من جديد ثلاث مرات.", "more": "4 طلبات أخرى دون كلمة منذ 5 أيام عمل", "next_by": "موعود به",
    "numbers": "الأسبوع بالأرقام", "ages": "مدة انتظار الطلبات المفتوحة", "kept": "مواعيد وُفي بها", "silence": "أطول صمت",
    "new": "جديد", "opened": "مفتوح في نهاية الأسبوع", "first": "الوقت حتى أول جواب (الوسيط)", "2fewer": "أقل بـ 2 من الأسبوع السابق",
    "3more": "أكثر بـ 3 من الأسبوع السابق", "days": "أيام", "up1": "حتى يوم واحد", "to5": "من 2 إلى 5 أيام", "to10": "من 6 إلى 10 أيام", "over": "أكثر من 30 يومًا",
    "note": "أُحصي يوم الاثنين 23 نوفمبر 2026 عند 00:00. ساعات العمل: الاثنين إلى الجمعة، 08:00 إلى 18:00.",
    "weekreason": "تصلك هذه الرسالة كل اثنين لأنك تدير فريق مكان العمل.", "weekstop": "أوقف هذا الملخص", "weeklist": "أسبوع مكتب الخدمة",
    "digest": "تصل قاعدتك الخميس؛ وسؤال واحد لك", "digesthead": "سؤال واحد لك، وموعد واحد هذا الأسبوع", "yourturn": "دورك", "coming": "قادم",
    "welcome": "صفحتك لدى تقنية المعلومات: العنوان ورمز الدخول", "welcomehead": "صفحتك الخاصة: أين وصلت طلباتك",
    "address": "العنوان", "code": "رمز الدخول", "confirm": "يرجى التأكيد: رسائل عن مشاكل الطباعة", "confirmhead": "هل تريد رسالة عند حدوث مشكلة في الطباعة؟",
    "confirmnext": "أجب عن هذه الرسالة كما هي لتصلك من الآن. دون جواب لا يصلك شيء.",
}  # fmt: skip
_SAID = {"en": _EN, "nl": _NL, "ar": _AR}


def samples(language: str = "en") -> dict[MessageKind, Message]:
    """One message of each kind. In languages that nothing was invented in it speaks English around the theme's own words."""
    s = _SAID.get(language, _EN)
    made = (*_milestones(s), *_faults(s), *_digests(s), *_letters_of_the_house(s))
    return {one.kind: replace(one, recipient=replace(one.recipient, language=language)) for one in made}


def _message(kind: MessageKind, subject: str, headline: str, s: dict[str, str], **more: Any) -> Message:
    first: dict[str, Any] = {
        "about": "servicedesk/INC-88127",
        "told": "d41d8cd98f",
        "made_at": AT,
        "recipient": Recipient(
            id="noor", address="noor.haddad@kadewerk.example", name="Noor Haddad", language="en", zone=ZONE
        ),
        "reason": s["reason"],
        "list_name": s["list"],
        "stop": s["stop"],
        "link": f"{PAGE}#req-inc-88127",
        "link_label": s["open"],
        "reply_ref": "INC-88127",
    }
    return Message(kind=kind, subject=subject, headline=headline, **(first | more))


def _milestones(s: dict[str, str]) -> tuple[Message, ...]:
    promise = {"person": s["person"], "by": s["by"]}
    date = Appointment(
        uid="inc-88127.promise@status.kadewerk.example",
        sequence=2,
        stamp=AT,
        starts=datetime(2026, 11, 26, 10, 0, tzinfo=UTC),
        ends=datetime(2026, 11, 26, 11, 0, tzinfo=UTC),
        summary=s["moved_head"],
        description=s["said"],
    )
    was = Fact(label=s["was"], value=s["waswhen"])
    kind = MessageKind
    return (
        _message(kind.RECEIVED, f"{s['received']}: {s['printer']}", s["received"], s, text=s["printer"], next=s["hold"], **promise),
        _message(kind.PROMISED, s["moved"], s["moved_head"], s, person=s["person"], by=s["when"], appointment=replace(date, sequence=1)),
        _message(kind.MOVED, s["moved"], s["moved_head"], s, text=s["said"], person=s["person"], by=s["when"], facts=(was,), appointment=date),
        _message(kind.YOUR_TURN, s["turn"], s["turnhead"], s, text=s["asks"], by=s["turnby"], person=s["person"]),
        _message(kind.SOLVED, s["solved"], s["solvedhead"], s, next=s["solvednext"], person=s["person"]),
        _message(kind.MISSED, s["missed"], s["missedhead"], s, text=s["said"], next=s["hold"], **promise),
    )  # fmt: skip


def _faults(s: dict[str, str]) -> tuple[Message, ...]:
    kinds = (MessageKind.FAULT_BEGAN, MessageKind.FAULT_CHANGED, MessageKind.FAULT_ENDED)
    return tuple(
        _message(
            kind, s["fault"], s["faulthead"], s, about="incident/2026-11-24-print", next=s["faultnext"], by=s["by"],
            person=s["person"], link=f"{BASE}incidents/2026-11-24-print/", reply_ref="", urgent=kind is MessageKind.FAULT_BEGAN,
        )
        for kind in kinds
    )  # fmt: skip


def _rows(s: dict[str, str], page: str) -> tuple[Row, ...]:
    at = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    return (
        Row(ref="INC-88127", title=s["printer"], why=s["why1"], person=s["person"], at=at - timedelta(days=12), at_label=s["next_by"], link=f"{page}#req-inc-88127"),
        Row(ref="REQ-20418", title="Zugang für zwei Neue", why=s["why2"], at=at, at_label=s["next_by"], link=f"{page}#req-req-20418", foreign="de"),
        Row(ref="INC-88140", title="Payroll export: “period closed” & <code 12>", why=s["why3"], person="Marek", link=f"{page}#req-inc-88140", foreign="en"),
    )  # fmt: skip


def _digests(s: dict[str, str]) -> tuple[Message, ...]:
    rows = _rows(s, PAGE)
    about = f"{BASE}about/#"
    need = Section(heading=s["decide"], rows=rows, more=s["more"], more_link=f"{PAGE}#silent", urgent=True)
    measures = (
        Measure(label=s["kept"], now="38 / 41 (93%)", before="40 / 41 (98%)", usual="97%", change=s["2fewer"], look="worse", definition=f"{about}kept"),
        Measure(label=s["silence"], now=f"9 {s['days']}", before=f"4 {s['days']}", usual=f"4 {s['days']}", definition=f"{about}silence"),
        Measure(label=s["new"], now="57", before="54", usual="52", change=s["3more"], look="same", definition=f"{about}new"),
        Measure(label=s["opened"], now="45", before="47", usual="50", change=s["2fewer"], look="better", definition=f"{about}open"),
        Measure(label=s["first"], now="1 h 10 min", before="1 h 35 min", usual="1 h 20 min", definition=f"{about}first"),
    )  # fmt: skip
    bars = tuple(Bar(label=s[key], count=n, share=share) for key, n, share in (("up1", 18, 75), ("to5", 24, 100), ("to10", 13, 54), ("over", 2, 8)))  # fmt: skip
    manager = {"about": "manager-weekly/2026-W47", "reply_ref": "", "reason": s["weekreason"], "stop": s["weekstop"], "list_name": s["weeklist"], "link": PAGE, "notes": (s["note"],)}  # fmt: skip
    mine = (
        Section(heading=s["yourturn"], rows=rows[:1], urgent=True),
        Section(heading=s["coming"], rows=rows[1:]),
    )
    return (
        _message(
            MessageKind.MANAGER_WEEKLY, s["weekly"], s["weeklyhead"], s, text=s["summary"], sections=(need, Section(heading=s["coming"], rows=rows[1:2])),
            measures_heading=s["numbers"], measures=measures, bars_heading=s["ages"], bars=bars, **manager,
        ),
        _message(MessageKind.MANAGER_DAILY, s["weekly"], s["weeklyhead"], s, sections=(need,), **manager),
        _message(MessageKind.REQUESTER_DIGEST, s["digest"], s["digesthead"], s, about="requester-digest/2026-W47", reply_ref="", sections=mine, link=PAGE),
    )  # fmt: skip


def _letters_of_the_house(s: dict[str, str]) -> tuple[Message, ...]:
    return (
        _message(
            MessageKind.WELCOME, s["welcome"], s["welcomehead"], s, about="welcome/1", stop="", reply_ref="", link=PAGE,
            facts=(Fact(label=s["address"], value=PAGE), Fact(label=s["code"], value="")), code="K7QW 2MZP XH4T RB6N VD3C YF5J LG2A",
        ),
        _message(
            MessageKind.CONFIRM, s["confirm"], s["confirmhead"], s, about="confirm/printing", stop="", reply_ref="confirm 5d2c9a7be1",
            next=s["confirmnext"], link="",
        ),
    )  # fmt: skip


@cache
def mail(theme: str = "default") -> Mail:
    """The mail of an invented house, in all languages."""
    read = read_theme(PROJECT, theme)
    words = {code: build.words_of(read, code, ZONE) for code in LANGUAGES}
    support = Support(email=SENDER.reply_to, phone="+31 20 555 0100")
    return Mail(read, words, sender=SENDER, title="Kadewerk IT status", base_url=BASE, support=support)


def post(**more: Any) -> Post:
    """What the ledger knows of a letter."""
    first: dict[str, Any] = {
        "channel": "email",
        "key": KEY,
        "recipient": "7c1f0a52d3b4e5f6",
        "period": "2026-W47",
        "good_until": AT + timedelta(days=1),
        "token": "9f2c4d6e8a0b1c3d",
    }
    return Post(**(first | more))


def letter(message: Message, *, theme: str = "default", shows: bool = False, **more: Any) -> Letter:
    """The letter of a message that mail can reach."""
    made = mail(theme).letter(message, post(**more), shows=shows)
    assert isinstance(made, Letter)
    return made
