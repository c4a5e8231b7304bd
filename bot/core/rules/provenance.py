"""How the generated code came to be is written down, bound to the files as they are, attested, and within what is allowed."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.facts import Facts
from bot.core.globs import name_matches
from bot.core.licenses import allowed
from bot.core.policy.model import ProvenanceRules
from bot.core.provenance.model import FoundDocument, ProvenanceDocument
from bot.core.risk import model_name
from bot.core.rules.context import Context
from bot.core.rules.findings import MOST_SHOWN, count, first_few, named, parent
from bot.core.verdict import Finding

RULE = "provenance"
TITLE = "Provenance"
FOLDER = ".llmgate/provenance/"
EMIT = "`llmgate provenance emit FILES`"
"""FILES stays a word: a path comes from the change, and what it says must not end in somebody's shell."""
SIGN = "`llmgate provenance emit --sign KEY FILES`"


def check(facts: Facts, context: Context) -> Finding:
    """Refused documents and broken signatures block even where provenance is not required: somebody tampered, or erred."""
    rules = facts.policy.provenance
    children = [*_refused(facts), *_broken(facts)]
    if rules.required:
        children += _covered(context)
    elif not facts.documents:
        return Finding(RULE, TITLE, "skip", "the policy does not require provenance")
    read = tuple(found for found in facts.documents if found.document)
    children += _attested(read, rules)
    children += _models(read, rules)
    children += _licences(read, rules)
    return parent(RULE, TITLE, children)


def _refused(facts: Facts) -> list[Finding]:
    def one(found: FoundDocument) -> Finding:
        no = found.refusal
        saw, wanted, cure = (
            (no.saw, no.wanted, no.cure) if no else ("nothing readable", "a document", f"write it anew with {EMIT}")
        )
        return Finding(f"{RULE}.refused", "Provenance document", "block", f"`{found.path}`: {saw}", wanted, cure)

    def rest(left: int) -> Finding:
        return Finding(
            f"{RULE}.refused", "Provenance document", "block", f"{left} more refused", "none", "mend those above first"
        )

    return first_few([found for found in facts.documents if found.refusal or not found.document], one, rest)


def _broken(facts: Facts) -> list[Finding]:
    title, wanted = "Signature of provenance", "a signature that verifies, by a signer of the policy"

    def one(found: FoundDocument) -> Finding:
        saw = f"`{found.path}`: {found.attestation_problem or 'its signature does not verify'}"
        cure = f"sign it again with a key or identity under `provenance.signers`; with a key: {SIGN}"
        return Finding(f"{RULE}.signature", title, "block", saw, wanted, cure)

    def rest(left: int) -> Finding:
        return Finding(
            f"{RULE}.signature", title, "block", f"{left} more do not verify", wanted, f"sign them again, each with {SIGN}"
        )

    return first_few([found for found in facts.documents if found.attested == "invalid"], one, rest)


def _covered(context: Context) -> Iterator[Finding]:
    """Every generated file, bound to a document by its digest."""
    coverage = context.coverage
    title, wanted = "Files with provenance", "a digest in a provenance document for every generated file"
    if coverage.uncovered:
        saw = f"{len(coverage.uncovered)} without: {named(coverage.uncovered)}"
        cure = f"add a document that lists them: {EMIT} writes it under `{FOLDER}`"
        yield Finding(f"{RULE}.uncovered", title, "block", saw, wanted, cure)
    if coverage.drifted:
        pairs = [f"`{path}` (in `{document}`)" for path, document in coverage.drifted[:MOST_SHOWN]]
        more = f" and {len(coverage.drifted) - MOST_SHOWN} more" if len(coverage.drifted) > MOST_SHOWN else ""
        saw = f"{len(coverage.drifted)} changed since: {', '.join(pairs)}{more}"
        cure = f"attest them again: {EMIT} writes their present digests under `{FOLDER}`"
        yield Finding(f"{RULE}.drifted", "Files changed since", "block", saw, "digests of the files as they are", cure)
    if coverage.unknown:
        saw = f"no digest could be compared for {named(coverage.unknown)}"
        cure = f"give the digest as `gitblob:` too, which the forge tells for every file; {EMIT} does"
        yield Finding(f"{RULE}.unknown", "Files to compare", "block", saw, wanted, cure)
    if not (coverage.uncovered or coverage.drifted or coverage.unknown):
        saw = f"digests match for {count(len(coverage.covered), 'generated file')}"
        yield Finding(f"{RULE}.covered", title, "pass", saw)


def _attested(read: tuple[FoundDocument, ...], rules: ProvenanceRules) -> Iterator[Finding]:
    unsigned = [found.path for found in read if found.attested == "none"]
    signers = sorted({found.signer for found in read if found.attested in ("organisation-key", "keyless")})
    title = "Signed provenance"
    if rules.signed and unsigned:
        wanted = "each document signed by a signer of the policy"
        cure = f"sign it as a Sigstore bundle with a key or identity under `provenance.signers`; with a key: {SIGN}"
        yield Finding(f"{RULE}.unsigned", title, "block", f"unsigned: {named(unsigned)}", wanted, cure)
    elif signers:
        yield Finding(f"{RULE}.signed", title, "pass", f"signed by {', '.join(signers[:MOST_SHOWN])}")
    elif not rules.signed:
        yield Finding(f"{RULE}.signed", title, "skip", "the policy does not require a signature")


def _models(read: tuple[FoundDocument, ...], rules: ProvenanceRules) -> Iterator[Finding]:
    names = sorted({model_name(found.document) for found in read if found.document})
    strangers = [name for name in names if rules.models and not any(name_matches(one, name) for one in rules.models)]
    if strangers:
        wanted = "a model that `provenance.models` allows: " + named(rules.models)
        cure = "generate it with an allowed model, or have the model added to the policy"
        yield Finding(f"{RULE}.model", "Model", "block", named(strangers), wanted, cure)
    elif names:
        yield Finding(f"{RULE}.model", "Model", "pass", named(names))


def _licences(read: tuple[FoundDocument, ...], rules: ProvenanceRules) -> Iterator[Finding]:
    title = "Licences of what was retrieved"
    documents: list[ProvenanceDocument] = [found.document for found in read if found.document]
    retrievals = [retrieval for document in documents for retrieval in document.retrievals]
    foreign = [one for one in retrievals if not allowed(one.license, rules.licenses)]
    if foreign:
        shown = [f"{one.doc_id} ({one.license or 'no licence stated'})" for one in foreign]
        wanted = "a licence of " + ", ".join(rules.licenses) if rules.licenses else "a readable SPDX licence for each"
        cure = "generate it without these sources, or have their licence added to `provenance.licenses`"
        yield Finding(f"{RULE}.licence", title, "block", named(shown), wanted, cure)
    elif retrievals:
        yield Finding(f"{RULE}.licence", title, "pass", f"allowed for {count(len(retrievals), 'source')}")
