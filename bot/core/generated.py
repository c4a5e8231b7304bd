"""Which files of a change are to be treated as generated: what provenance must cover and evidence must speak of."""

from __future__ import annotations

from bot.core.detection.model import Detection
from bot.core.facts import ChangedFile, Facts

OWN_FOLDERS = (".llmgate/provenance/", ".llmgate/evidence/")
"""Documents and reports about the code are not the code."""
UNREADABLE = ("commits", "files", "policy", "provenance")
"""Gaps in what tells generated code from other code: behind one of these anything may hide."""


def treated_as_generated(facts: Facts, detection: Detection) -> bool:
    """Whether the gate applies: marks say so, the policy says that every change is, or it cannot be known."""
    unknown = any(gap.what in UNREADABLE for gap in facts.gaps)
    return detection.generated or facts.policy.undeclared_as_generated or unknown


def generated_files(facts: Facts, detection: Detection) -> tuple[ChangedFile, ...]:
    """The generated files of the change, removed ones included. Where no signal reaches a file of its own, all are."""
    files = tuple(file for file in facts.files if not file.path.startswith(OWN_FOLDERS))
    if not detection.generated or detection.covers_all or not detection.paths or facts.policy.undeclared_as_generated:
        return files
    paths = {path for path, _ in detection.paths}
    return tuple(file for file in files if file.path in paths or file.previous_path in paths)
