"""Quick actions: lines of a text that GitLab carries out instead of keeping them.

None is carried out here. A gate never means to send one, so a text that holds one is refused and written down: in a real
GitLab it would have approved, merged or closed something.
"""

from __future__ import annotations

import re

from integrations.sandbox.gitlab.parameters import Unmodelled

_WORDS = """
add_child add_contacts approve assign assign_reviewer award blocked_by blocks clear_weight close confidential copy_metadata
create_merge_request done draft due duplicate epic estimate health_status iteration label link lock mark merge milestone move
promote react ready reassign reassign_reviewer rebase relabel relate remove_due_date remove_estimate remove_milestone
remove_parent remove_time_spent reopen request_changes request_review run_pipeline set_parent ship shrug spend spend_time
submit_review subscribe tableflip tag target_branch title todo unapprove unassign unassign_reviewer undraft unlabel unlock
unsubscribe weight wip
"""
NAMES = frozenset(_WORDS.split())
_CODE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^[ \t]*/(\w+)", re.MULTILINE)


def found_in(text: str) -> tuple[str, ...]:
    """The names of the quick actions that GitLab would take from the text. What is in a block of code is none."""
    return tuple(match[1].lower() for match in _LINE.finditer(_CODE.sub("", text)) if match[1].lower() in NAMES)


def refuse_in(text: str) -> str:
    """The text, if GitLab would keep all of it."""
    if names := found_in(text):
        listed = ", ".join(f"/{name}" for name in names)
        raise Unmodelled(400, "", body={"error": f"the text holds the quick action {listed}, which GitLab would carry out"})
    return text
