"""How it is said who is asked: for a seat on the card, to the person, and why in this order."""

from __future__ import annotations

from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.messages.words import counted, people_words, person_words, prose
from bot.core.notice import Moment, Section, Text, text
from bot.core.verdict import SeatState, Verdict

MOST_PLACES = 10
MOST_BARRED = 5
MOST_IDLE = 3
_HOW = {
    "delegated": "{by} delegated it to you.",
    "reassigned": "{by} gave it to you.",
    "widened": "You are asked as well, because nobody has answered yet.",
    "fallback": "You are asked to stand in, because nobody has answered.",
}


def asked_words(facts: Facts, seat: SeatState, *, asking: bool) -> str:
    """`asked Bob, and Cid as well (backup Dee)`; before anybody is asked, `Bob will be asked (backup Dee)`."""
    names = facts.directory
    first, beside = seat.asked[: seat.open], seat.asked[seat.open :]
    if not first:
        return "nobody can be asked"
    who = people_words(names, first) + (f", and {people_words(names, beside)} as well" if beside else "")
    backup = f" (backup {people_words(names, seat.backup)})" if seat.backup else ""
    return f"{f'asked {who}' if asking else f'{who} will be asked'}{backup}"


def note_text(facts: Facts, seat: SeatState, reader: PersonId | None = None) -> Text:
    """That nobody is at work, and when the first of those asked is back; as whole sentences where one of them reads it."""
    if not seat.note or not seat.asked:
        return ()
    first = person_words(facts.directory, seat.asked[0])
    note, end = (seat.note[0].upper() + seat.note[1:], ".") if reader else (seat.note, "")
    if seat.opens is None:
        return text(note + end)
    return text(f"{note}; {'your' if reader == seat.asked[0] else f'{first}’s'} day begins ", Moment(seat.opens), end)


def idle_lines(verdict: Verdict) -> list[Text]:
    """Who is named to approve and never can."""
    idle = verdict.routing.idle
    lines = [text("– ", *prose(sentence)) for sentence in idle[:MOST_IDLE]]
    return [*lines, text(f"– … and {len(idle) - MOST_IDLE} more who cannot")] if len(idle) > MOST_IDLE else lines


def ask_lines(facts: Facts, verdict: Verdict, person: PersonId) -> tuple[Text, ...]:
    """What somebody who is asked should know of the asking: whose turn it was before, who stands behind, who is out."""
    mine = [seat for seat in verdict.routing.seats if seat.open and person in seat.asked]
    asked = next((one for one in facts.assignments if one.person == person and not one.gone), None)
    lines: list[Text] = []
    if asked and asked.how in _HOW:
        by = person_words(facts.directory, asked.by) if asked.by else "Somebody"
        lines.append(text(_HOW[asked.how].format(by=by)))
    backup = tuple(dict.fromkeys(who for seat in mine for who in seat.backup))
    if backup:
        lines.append(text(f"{people_words(facts.directory, backup)} stands by."))
    notes = dict.fromkeys(note for seat in mine if (note := note_text(facts, seat, person)))
    return (*lines, *notes)


def order_sections(facts: Facts, verdict: Verdict) -> list[Section]:
    """Why these people and in this order, and why others may not: a line each."""
    names, routing = facts.directory, verdict.routing
    places = [text(f"{person_words(names, one.person)}: {one.why}") for one in routing.order[:MOST_PLACES]]
    if len(routing.order) > MOST_PLACES:
        places.append(text(f"… and {len(routing.order) - MOST_PLACES} more"))
    barred = [text(f"{person_words(names, one.person)} {one.because}") for one in routing.disqualified[:MOST_BARRED]]
    if len(routing.disqualified) > MOST_BARRED:
        barred.append(text(f"… and {counted(len(routing.disqualified) - MOST_BARRED, 'person', 'people')} more"))
    sections = [Section(tuple(places), heading="Who is asked, the first of them first", bullets=True)] if places else []
    return [*sections, *([Section(tuple(barred), heading="Who may not approve it", bullets=True)] if barred else [])]
