"""The policy where no file says otherwise: it works in a fresh repository, and it is safe.

Thresholds follow what evidence supports: coverage alone is a poor gate for generated code, so the upper tiers also ask for a
mutation score, from three mutants on, so that a change of a few lines can meet it. Paths name the territory in which a small
change does great harm; size alone reaches only medium.
"""

from __future__ import annotations

from bot.core.approval import Tier
from bot.core.escalation.model import Chain, ChainStep
from bot.core.ids import RoleName
from bot.core.policy.model import ChecklistItem, EvidenceFloor, Mode, ProvenanceRules, RiskRule, Seat, TierRules

MODE: Mode = "enforce"
PROVENANCE = ProvenanceRules()
ANYONE = RoleName("anyone")
CODEOWNER = RoleName("codeowner")
SECURITY = RoleName("security")
LEADS = RoleName("leads")
"""Who is told by the built-in chains, where a policy has such a role."""

CHECKLIST: tuple[ChecklistItem, ...] = (
    ChecklistItem(
        "provenance", "I know which model, in which version, wrote this, and who ran it; the provenance covers each file."
    ),
    ChecklistItem(
        "tests", "The tests exist, pass, and would fail if this code were wrong; coverage and mutation score suffice."
    ),
    ChecklistItem(
        "security", "I looked for unsanitised input, misused cryptography, secrets and missing checks, and found none."
    ),
    ChecklistItem("licences", "What the model retrieved, and every new dependency, has a licence we may use."),
    ChecklistItem("design", "The design fits our architecture, and I would be willing to maintain this code."),
    ChecklistItem("flakiness", "Tests that are flaky here are known, and none of them hides a fault of this change."),
)
_ITEMS = {item.id: item for item in CHECKLIST}

CHAINS: dict[Tier, Chain] = {
    "low": Chain((ChainStep(480, "nudge"), ChainStep(960, "widen")), snooze_most=960),
    "medium": Chain((ChainStep(240, "nudge"), ChainStep(480, "widen"), ChainStep(720, "lead", LEADS))),
    "high": Chain((ChainStep(60, "nudge"), ChainStep(120, "widen"), ChainStep(240, "lead", LEADS)), quiet=30, snooze_most=120),
}
"""Working minutes. Dissatisfaction follows the reviews that take more than a day, so nobody waits that long unheard."""

TIER_RULES: dict[Tier, TierRules] = {
    "low": TierRules(
        "low",
        seats=(Seat(ANYONE, 1),),
        strength="witnessed",
        checklist=(_ITEMS["provenance"], _ITEMS["tests"], _ITEMS["security"]),
        evidence=EvidenceFloor(tests=True),
        chain=CHAINS["low"],
    ),
    "medium": TierRules(
        "medium",
        seats=(Seat(CODEOWNER, 1),),
        strength="witnessed",
        checklist=CHECKLIST,
        evidence=EvidenceFloor(tests=True, line_coverage=80.0, mutation_score=60.0, min_mutants=3, max_errors=0),
        chain=CHAINS["medium"],
    ),
    "high": TierRules(
        "high",
        seats=(Seat(SECURITY, 1), Seat(CODEOWNER, 1)),
        strength="witnessed",
        checklist=CHECKLIST,
        evidence=EvidenceFloor(
            tests=True, line_coverage=90.0, branch_coverage=75.0, mutation_score=75.0, min_mutants=3, max_errors=0
        ),
        chain=CHAINS["high"],
    ),
}

RISK: tuple[RiskRule, ...] = (
    RiskRule(
        "authentication",
        "high",
        paths=(
            *("auth", "authn", "authz", "authentication", "authorization", "login", "logout", "oauth", "oauth2", "oidc"),
            *("saml", "sso", "session", "sessions", "permissions", "rbac", "iam", "acl"),
            *("auth.*", "auth_*.*", "*_auth.*", "login.*", "oauth*.*", "permissions.*", "*password*.*", "session.*", "jwt*.*"),
        ),
    ),
    RiskRule(
        "payment",
        "high",
        paths=(
            *("payment", "payments", "billing", "checkout", "invoicing", "ledger", "payouts", "wallet"),
            *("payment*.*", "*_payment*.*", "billing*.*", "checkout.*", "payout*.*", "ledger.*"),
        ),
    ),
    RiskRule(
        "cryptography",
        "high",
        paths=(
            *("crypto", "cryptography", "tls", "pki", "kms", "keys", "secrets", "vault"),
            *("crypto*.*", "*encrypt*.*", "*decrypt*.*", "*cipher*.*", "*signature*.*", "*.pem", "*.key", "*.p12", ".env*"),
        ),
    ),
    RiskRule("migrations", "high", paths=("migrations", "migration", "alembic", "db/migrate", "flyway", "liquibase", "*.sql")),
    RiskRule(
        "ci",
        "high",
        paths=(
            *(".github/workflows/", ".github/actions/", "action.yml", "action.yaml", ".gitlab-ci.yml", ".gitlab/", ".ci/"),
            *(".circleci/", ".buildkite/", "Jenkinsfile*", "azure-pipelines*.yml", "bitbucket-pipelines.yml", ".travis.yml"),
            *(".tekton/", ".drone.yml", ".pre-commit-config.yaml", ".husky/"),
        ),
    ),
    RiskRule(
        "infrastructure",
        "high",
        paths=(
            *("*.tf", "*.tfvars", "*.hcl", "terraform", "pulumi", "cloudformation", "ansible", "k8s", "kubernetes", "helm"),
            *(
                "charts",
                "infra",
                "infrastructure",
                "deploy",
                "Dockerfile*",
                "*.dockerfile",
                "docker-compose*.y*ml",
                "compose*.y*ml",
            ),
        ),
    ),
    RiskRule(
        "dependencies",
        "medium",
        paths=(
            *(
                "package.json",
                "package-lock.json",
                "yarn.lock",
                "pnpm-lock.yaml",
                ".npmrc",
                "requirements*.txt",
                "pyproject.toml",
            ),
            *("uv.lock", "poetry.lock", "Pipfile*", "setup.py", "setup.cfg", "go.mod", "go.sum", "Cargo.toml", "Cargo.lock"),
            *("Gemfile*", "*.gemspec", "pom.xml", "build.gradle*", "*.csproj", "packages.lock.json", "composer.*", "vendor/"),
        ),
    ),
    RiskRule(
        "agent-instructions",
        "medium",
        paths=(
            "AGENTS.md",
            "CLAUDE.md",
            "GEMINI.md",
            ".cursor/",
            ".cursorrules",
            ".claude/",
            ".github/copilot-instructions.md",
        ),
    ),
    RiskRule("large-change", "medium", lines_over=400),
    RiskRule("many-files", "medium", files_over=30),
)
