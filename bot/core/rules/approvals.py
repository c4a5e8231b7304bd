"""So many different people of each role have approved this very commit, and nobody's request for changes stands."""

from __future__ import annotations

from bot.core.approval import Approval, RejectedApproval
from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.owners.read import parse_owners
from bot.core.policy.defaults import CODEOWNER
from bot.core.routing.route import Panel
from bot.core.routing.standing import Refused
from bot.core.rules.context import Context
from bot.core.rules.findings import MOST_SHOWN, first_few, parent
from bot.core.verdict import Finding, SeatState

RULE = "approvals"
TITLE = "Approvals"
ROLE_TITLES = {"anyone": "Approval by any qualified person", "codeowner": "Approval by a code owner"}


def check(facts: Facts, context: Context) -> Finding:
    panel = context.panel
    children = [_objection(objection, panel) for objection in panel.standing.objections]
    if context.rules.auto_approve:
        children.append(_by_policy(context))
    children += [_seat(seat, panel) for seat in panel.routing.seats]
    children += _expired(facts, panel) + _idle(panel)
    children += _unread_owners(facts, panel)
    newest_first = sorted(panel.standing.refused, key=lambda no: no.approval.decided_at, reverse=True)
    children += [_refused(no, panel) for no in newest_first[:MOST_SHOWN]]
    children += first_few(facts.rejected_approvals, _rejected, _more_rejected)
    return parent(RULE, TITLE, children)


def _by_policy(context: Context) -> Finding:
    saw = f"the policy approves changes of tier {context.tier} by itself: no human looked at this one"
    return Finding(f"{RULE}.policy", "Approval by policy alone", "pass", saw)


def _seat(state: SeatState, panel: Panel) -> Finding:
    role, count = state.seat.role, state.seat.count
    rule, title = f"{RULE}.{role}", ROLE_TITLES.get(role, f"Approval by {role}")
    wanted = f"{count} {'person' if count == 1 else 'different people'}" + (f" of `{role}`" if role not in ROLE_TITLES else "")
    if state.section:
        rule, title = f"{RULE}.section", f"{title} of {state.section}"
        wanted += f" who owns what CODEOWNERS lists under `{state.section}`"
    if not state.open:
        return Finding(rule, title, "pass", f"approved by {_names(state.taken_by, panel)}", wanted)
    saw = f"{len(state.taken_by)} of {count} approved" + (f", by {_names(state.taken_by, panel)}" if state.taken_by else "")
    if state.problem:
        return Finding(rule, title, "block", f"{saw}; {state.problem}", wanted, _seat_cure(state, panel))
    if state.note:
        saw += f"; {state.note}, so they are asked all the same"
    return Finding(rule, title, "wait", saw, wanted, _ask_cure(state, panel))


def _ask_cure(state: SeatState, panel: Panel) -> str:
    """Who acts next: as many as are wanted, those who are asked beside them, and who stands behind."""
    first, others = state.asked[: state.open], state.asked[state.open :]
    instead = f", or {_names(others, panel)} instead" if others else ""
    backup = f" ({_names(state.backup, panel)} stands by)" if state.backup else ""
    return f"{_names(first, panel)} reviews and decides{instead}{backup}"


def _expired(facts: Facts, panel: Panel) -> list[Finding]:
    """A request that ended because nobody answered stays shut, and is never an approval."""
    roles = dict.fromkeys(f"`{seat.seat.role}`" for seat in panel.routing.seats if seat.open)
    if facts.expired_at is None or not roles:
        return []
    saw = f"nobody answered for {' and '.join(roles)} until {facts.expired_at:%Y-%m-%d %H:%M} UTC"
    return [Finding(f"{RULE}.expired", "The request expired", "block", saw, "an answer in time", "ask again on the card")]


def _idle(panel: Panel) -> list[Finding]:
    """Names in the policy or in CODEOWNERS that look like help and are none, and a card that nobody sees."""
    idle = panel.routing.idle
    if not idle:
        return []
    saw = "; ".join(idle[:MOST_SHOWN]) + (f"; and {len(idle) - MOST_SHOWN} more" if len(idle) > MOST_SHOWN else "")
    cure = "take such names out of the policy or CODEOWNERS, or mend what keeps them from approving"
    return [Finding(f"{RULE}.idle", "What keeps people from being asked", "skip", saw, "", cure)]


def _seat_cure(state: SeatState, panel: Panel) -> str:
    if state.section:
        return f"name an owner in section `{state.section}` whom the people file knows and who has no part in this change"
    pool = panel.pools[state.seat.role]
    if pool.problem:
        return pool.cure
    gone = {candidate.person for candidate in panel.routing.order if candidate.gone}
    if not state.asked and gone.intersection(pool.members):
        return f"somebody reassigns it on the card, or adds a person to `{state.seat.role}` who has no part in this change"
    return f"add a person to `{state.seat.role}` who has no part in this change, or ask for fewer in the policy"


def _unread_owners(facts: Facts, panel: Panel) -> list[Finding]:
    """Lines of CODEOWNERS that mean less than their writer believes, where owners are asked at all."""
    problems = parse_owners(facts.owners_text, facts.change.ref.repo.forge).problems
    if CODEOWNER not in panel.pools or not problems:
        return []
    shown = "; ".join(f"line {one.line}: {one.saw}, wanted {one.wanted}" for one in problems[:MOST_SHOWN])
    more = f"; and {len(problems) - MOST_SHOWN} more" if len(problems) > MOST_SHOWN else ""
    cure = "mend these lines on the base branch: they name no owner now, or another than it seems"
    return [Finding(f"{RULE}.owners", "Lines of CODEOWNERS that could not be read", "skip", shown + more, "", cure)]


def _names(people: tuple[PersonId, ...], panel: Panel) -> str:
    return ", ".join(panel.crowd.name(person) for person in people)


def _objection(objection: Approval, panel: Panel) -> Finding:
    who = panel.crowd.name(objection.person)
    reason = " ".join(objection.reason.split())[:200]
    saw = f"{who} asked for changes" + (f": {reason}" if reason else "")
    cure = f"make the changes and push them, or {who} decides again"
    return Finding(f"{RULE}.objection", "Changes requested", "block", saw, "no standing request for changes", cure)


def _refused(no: Refused, panel: Panel) -> Finding:
    approval = no.approval
    what = {"approved": "approval", "changes-requested": "request for changes", "dismissed": "dismissal"}[approval.decision]
    saw = f"{panel.crowd.name(approval.person)}'s {what} does not count: {no.because}"
    return Finding(f"{RULE}.refused", "A decision that does not count", "skip", saw, "", no.cure)


def _rejected(rejected: RejectedApproval) -> Finding:
    saw = f"stored record {rejected.id[:12]} does not verify: {rejected.saw}"
    return Finding(f"{RULE}.rejected", "A record that does not verify", "skip", saw, rejected.wanted)


def _more_rejected(left: int) -> Finding:
    return Finding(f"{RULE}.rejected", "A record that does not verify", "skip", f"{left} more")
