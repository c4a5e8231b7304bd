"""From what a chat and a forge say of somebody to whether they can be asked now.

A status is another party's words, and people write it for people: it is read for what nearly everybody writes, in the languages
that nearly everybody writes it in. A wrong guess costs a turn and no more: nobody is asked first who is thought to be away, and
whoever is away may approve all the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from bot.core.attendance import Presence
from bot.core.hours.calendar import Absence, Calendar
from bot.core.hours.span import is_open, zone_of

QUOTED = 40
"""Characters of a status that are repeated."""
READ = 200
"""Characters of a status that are read."""
ABSENT_EMOJI = frozenset({
    "palm_tree", "desert_island", "beach_with_umbrella", "umbrella_on_ground", "face_with_thermometer", "thermometer",
    "face_with_head_bandage", "sneezing_face", "nauseated_face", "face_vomiting", "hospital", "baby", "baby_bottle",
    "breast-feeding", "ooo", "out-of-office", "out_of_office", "vacation", "pto", "sick",
})  # fmt: skip
AWAY_EMOJI = frozenset({
    "calendar", "date", "spiral_calendar_pad", "spiral_calendar", "no_entry", "no_entry_sign", "bus", "train",
    "oncoming_automobile", "airplane", "sandwich", "fork_and_knife", "knife_fork_plate", "brb", "lunch", "meeting", "zzz",
})  # fmt: skip
_ABSENT = (
    # English
    r"ooo|oof|out of (the )?office|pto|vacation(ing)?|on (a |public |bank )?holidays?|holidays?(?= until|!|$)"
    r"|(off|out|i'?m|home) sick|sick( day| leave)?(?! of)|ill|on (\w+ )?leave"
    r"|(parental|maternity|paternity|annual|medical|family) leave|sabbatical"
    r"|days? off|time off|off (today|work|until)|out (today|until|all day|this week)"
    # German
    r"|(im )?(sonder|kurz)?urlaub|krank(geschrieben)?|elternzeit|mutterschutz|abwesend|nicht im (büro|haus|dienst)|feiertag"
    # French
    r"|en (vacances|congés?|arrêt|rtt)|vacances|congés?( \w+)?|malade|absente?|arrêt maladie|hors (du )?bureau"
    # Spanish and Portuguese
    r"|de vacaciones|vacaciones|de baja|enferm[oa]|fuera de (la )?oficina|de férias|férias|doente|de licença|ausente"
    r"|fora do escritório"
    # Italian
    r"|in ferie|ferie|in malattia|malattia|fuori (ufficio|sede)|assente"
    # Dutch, Danish, Norwegian, Swedish, Finnish
    r"|op vakantie|vakantie|ziek|afwezig|met verlof|verlof|på ferie|ferie|syge?|syk|barsel|på semester|semester|sjuk|vabb?"
    r"|föräldraledig|ledig|lomalla|loma|sairaana"
    # Polish, Czech, Russian, Ukrainian, Turkish
    r"|na urlopie|urlop|chor[ya]|l4|na dovolené|dovolená|nemocn[áý]|в отпуске|отпуск|больничн\w+|болею|у відпустці|відпустка"
    r"|хворію|izinde|izinliyim|tatilde|hastayım"
)
_AWAY = (
    r"(in|at) (a |the )?(meeting|call|interview|workshop|training|conference)s?|meeting|on (a )?call|focus( time)?"
    r"|do not disturb|dnd|heads down|lunch( break)?|commuting|travell?ing|brb|be right back|busy"
    r"|presenting|im (meeting|termin|gespräch)"
    r"|(besprechung|mittagspause|mittag|unterwegs|beschäftigt)|en réunion|réunion|occupée?|en reuni[óo]n|ocupad[oa]|in riunione"
    r"|em reunião|in vergadering|i möte|na spotkaniu"
)
_EASTERN = ("休暇", "休み", "有給", "病欠", "欠勤", "休假", "请假", "請假", "病假", "年假", "휴가", "병가", "연차")
"""Absent, where words are written without spaces between them."""
_NOT_NOW = (
    r"(back|returned|home) from|countdown|planning|never|(?<!back )soon|next (week|month|year|\w+day)|start(s|ing)"
    r"|(no|after|before|needs? a?|need a) (my |the |more )?(pto|ooo|vacation|leave|holidays?)|not (on|out|ill|sick|ooo|off)"
    r"|from (mon|tue|wed|thu|fri|sat|sun|next|tomorrow|\d)\w*|(?<!not )working|work from|wfh|remote(ly)?"
    r"|zurück aus|nach (dem )?urlaub|vor (dem )?urlaub|bald urlaub|kein urlaub|ab (mo|di|mi|do|fr|sa|so|morgen|\d)\w*"
    r"|de retour (de|du|des)|(après|avant|bientôt) (les )?vacances|de vuelta de|(después|antes) de (las )?vacaciones"
)
"""Words with which the same words speak of another time, or of nothing of the kind."""


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")


_ABSENT_WORDS, _AWAY_WORDS, _NOT_NOW_WORDS = _words(_ABSENT), _words(_AWAY), _words(_NOT_NOW)


@dataclass(frozen=True, slots=True)
class Status:
    """What somebody lets others see of them in the chat. `emoji` is its name, with or without colons; `until` None: until they
    take it away."""

    text: str = ""
    emoji: str = ""
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return bool(self.text or self.emoji) and (self.until is None or now < self.until)

    @property
    def shown(self) -> str:
        """As it is repeated to others: printable, short, in quotes."""
        plain = "".join(" " if one.isspace() else one for one in self.text if one.isprintable() or one.isspace())
        words = " ".join(plain.replace("“", "").replace("”", "").split()) or f":{_emoji(self.emoji)}:"
        return f"“{words if len(words) <= QUOTED else words[: QUOTED - 1].rstrip() + '…'}”"


@dataclass(frozen=True, slots=True)
class Signs:
    """What is seen of somebody now. What nobody could tell is no sign."""

    status: Status = Status()
    away: bool = False
    """The chat does not see them."""
    quiet: bool = False
    """The chat lets no sound through to them."""
    busy: str = ""
    """The forge that says they are busy."""


def absence_of(status: Status, since: datetime) -> Absence | None:
    """The absence that a status tells of, from `since`, when it was first seen."""
    if not _says(status, _ABSENT_WORDS, ABSENT_EMOJI, _EASTERN):
        return None
    if status.until is not None and status.until <= since:
        return None
    return Absence(since, status.until, f"has the chat status {status.shown}")


def presence_of(calendar: Calendar, signs: Signs, now: datetime) -> tuple[Presence, str]:
    """Where somebody stands, and why, in words that follow a name. The calendar has all absences in it."""
    away = next((one for one in calendar.absences if one.since <= now and (one.until is None or now < one.until)), None)
    if away is not None:
        return "absent", away.why
    if not is_open(calendar, now):
        rests = now.astimezone(zone_of(calendar.hours.zone)).date() in calendar.holidays
        return "out-of-hours", "has a holiday" if rests else "is out of hours"
    if signs.status.holds(now) and _says(signs.status, _AWAY_WORDS, AWAY_EMOJI):
        return "away", f"has the chat status {signs.status.shown}"
    if signs.busy:
        return "away", f"is busy, as {signs.busy} says"
    if signs.away or signs.quiet:
        return "away", "is away in the chat" if signs.away else "has paused notifications"
    return "active", ""


def _says(status: Status, words: re.Pattern[str], emoji: frozenset[str], parts: tuple[str, ...] = ()) -> bool:
    text = unicodedata.normalize("NFKC", status.text[:READ]).casefold().replace("’", "'")
    if _NOT_NOW_WORDS.search(text):
        return False
    return _emoji(status.emoji) in emoji or words.search(text) is not None or any(part in text for part in parts)


def _emoji(name: str) -> str:
    """Without its colons and its skin tone."""
    return name.strip(":").split("::")[0][:60]
