"""Every key a policy file may hold, with its meaning: what the reader accepts and what the documentation must name."""

from __future__ import annotations

POLICY_KEYS: dict[str, str] = {
    "version": "The format of the file. Always 1.",
    "mode": "observe (look only), warn (ask people, leave the check neutral) or enforce (the check decides).",
    "channel": "The chat channel for this repository's cards.",
    "undeclared": "as-human lets a change without any mark pass; as-generated treats every change as generated.",
    "roles": "Who may fill a seat, by a name of your own. `anyone` and `codeowner` are built in.",
    "roles.<role>.people": "Members by their key in the people file.",
    "roles.<role>.team": "Members of a forge team, `org/team`.",
    "roles.<role>.chat_group": "Members of a chat user group, by its id.",
    "risk": "Rules that raise a change to a tier. A rule never lowers one.",
    "risk.<rule>.tier": "low, medium or high. low switches a built-in rule off, where no floor forbids it.",
    "risk.<rule>.paths": "Holds when a changed file matches one of these patterns.",
    "risk.<rule>.lines_over": "Holds when more lines than this are added and removed.",
    "risk.<rule>.files_over": "Holds when more files than this are changed.",
    "tiers": "What low, medium and high ask for.",
    "tiers.<tier>.approvals": "How many different people of each role must approve: `role: count`.",
    "tiers.<tier>.strength": "The weakest signature that counts: witnessed, reauthenticated, passkey or keyless.",
    "tiers.<tier>.checklist": "What a reviewer confirms, item by item: built-in names, or `id` and `text` of your own.",
    "tiers.<tier>.checklist.id": "The name of an item of your own.",
    "tiers.<tier>.checklist.text": "The sentence the reviewer confirms.",
    "tiers.<tier>.auto_approve": "Only for low: true lets the policy alone approve, and the record says that no human looked.",
    "tiers.<tier>.auto_merge": "true lets a change merge by itself once it is allowed. Never for high.",
    "tiers.<tier>.forge_approvals": (
        "true takes an approval given on the forge itself as a witnessed one; it comes without the checklist."
    ),
    "tiers.<tier>.strength_of": "A stronger signature from those who fill a role: `role: strength`.",
    "tiers.<tier>.login_minutes": "How old the sign-in behind a `reauthenticated` approval may be. 10 by default.",
    "tiers.<tier>.carry_over": "true lets an approval go along with a clean rebase, as a new record that names both commits.",
    "tiers.<tier>.escalation": (
        "What happens while nobody answers: a list of steps, or off. No step ever approves. Changing it voids no approval."
    ),
    "tiers.<tier>.escalation.after": (
        "Working minutes of the one who is waited for, since it became their turn: `30m`, `4h`, or `2d` of eight hours."
    ),
    "tiers.<tier>.escalation.do": (
        "nudge (the one who is waited for), widen (ask the backup as well), lead (tell `role`), fallback (members of `role` "
        "are asked and may fill the seat), webhook (tell the endpoint `role` of the settings) or expire (end closed; the last)."
    ),
    "tiers.<tier>.escalation.role": "A role for lead and fallback, the name of an endpoint for webhook.",
    "tiers.<tier>.quiet": "Nobody is reminded before the change has been quiet for so long, by the clock: `30m`, `2h`.",
    "tiers.<tier>.snoozes": "How often somebody may put a request off, from 0 to 10.",
    "tiers.<tier>.snooze_most": "The longest that one snooze may last, in working time: `30m`, `8h`, `2d`.",
    "tiers.<tier>.at_night": "true tells people outside their hours as well.",
    "tiers.<tier>.evidence": "Thresholds over the changed lines of generated files. One that is `off` asks for nothing.",
    "tiers.<tier>.evidence.tests": "true wants at least one passing test and none that fails.",
    "tiers.<tier>.evidence.line_coverage": "Least percentage of changed lines that tests execute, or off.",
    "tiers.<tier>.evidence.branch_coverage": "Least percentage of branches on changed lines that tests take, or off.",
    "tiers.<tier>.evidence.mutation_score": "Least percentage of mutants on changed lines that tests kill, or off.",
    "tiers.<tier>.evidence.min_mutants": "Fewer valid mutants than this read as insufficient, which never passes.",
    "tiers.<tier>.evidence.max_errors": "Most scan findings of level error, or off.",
    "tiers.<tier>.evidence.max_warnings": "Most scan findings of level warning, or off.",
    "override": "Who may let a change through against the verdict (break-glass). Without it nobody may.",
    "override.roles": "Roles whose members may. It is recorded, told to another of them, and reviewed afterwards.",
    "override.minutes": "How long an override holds, from 5 to 1440. 240 by default.",
    "routing": "Whom to ask first of those who may approve. It decides nothing else.",
    "routing.prefer_authors": "true asks those first who wrote the lines that the change touches.",
    "fatigue": "When somebody decides too much or too fast, and what follows.",
    "fatigue.per_day": "Decisions of one person in a day, from 1 to 1000. 25 by default.",
    "fatigue.seconds": "An approval this soon after its form was opened counts as quick, from 1 to 600. 20 by default.",
    "fatigue.then": "warn (tell the person), lead (tell `lead` too) or stronger (their next approval needs a fresh sign-in).",
    "fatigue.lead": "The role whose members are told.",
    "provenance": "What must be known of how the code was generated.",
    "provenance.required": "true wants a provenance document whose digests cover every generated file.",
    "provenance.signed": "true wants each document signed by one of `signers`.",
    "provenance.signers": "Who may sign provenance: an organisation key, or a keyless identity with its issuer.",
    "provenance.signers.key_sha256": "SHA-256 (hex) of the organisation key's public part.",
    "provenance.signers.identity": "A keyless signer's identity (an address or a workflow's URI); `*` stands for anything.",
    "provenance.signers.issuer": "The issuer that vouches for that identity; of an own CA the root's subject, as `CN=Acme`.",
    "provenance.models": "Models that may be used: `provider/name@version`, `*` stands for anything.",
    "provenance.licenses": "SPDX licences allowed for what the model retrieved.",
}


def keys_below(path: str) -> tuple[str, ...]:
    """The keys allowed directly below a path of the table: `tiers.<tier>` gives `approvals`, `strength` and so on."""
    prefix = path + "." if path else ""
    found = {key[len(prefix) :].partition(".")[0] for key in POLICY_KEYS if key.startswith(prefix)}
    return tuple(sorted(name for name in found if not name.startswith("<")))
