"""The labels that the gate owns: what they mean, and how they look where a forge has the gate make them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """`colour` is six hex digits."""

    colour: str
    description: str


LABELS = {
    "llm-generated": Label("5319e7", "Holds code that a language model generated"),
    "LLM Review: approved": Label("0e8a16", "llmgate: qualified people approved this head commit"),
    "LLM Review: overridden": Label("8250df", "llmgate: somebody let this head commit through against the verdict"),
}
OTHER_LABEL = Label("ededed", "Set by llmgate")
