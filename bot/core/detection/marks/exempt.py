"""What must never be taken for a coding agent: robots that are no AI, reviewers, vendors' staff, ordinary code generators."""

from __future__ import annotations

from bot.core.detection.marks.row import Family, Mark

NON_AI_ACCOUNTS: dict[int, str] = {
    41898282: "github-actions[bot]",
    49699333: "dependabot[bot]",
    27856297: "dependabot-preview[bot]",
    29139614: "renovate[bot]",
    19864447: "web-flow",
    66853113: "pre-commit-ci[bot]",
    37929162: "mergify[bot]",
}
"""Numbers of GitHub accounts that work by fixed rules. `[bot]` does not mean AI."""

NON_AI_LOGINS: frozenset[str] = frozenset({
    *NON_AI_ACCOUNTS.values(),
    "allcontributors[bot]", "azure-pipelines[bot]", "bors[bot]", "codecov[bot]", "crowdin-bot", "depfu[bot]",
    "gemini-cli-robot", "github-advanced-security[bot]", "github-merge-queue[bot]", "gitlab-bot", "googlebot",
    "greenkeeper[bot]", "imgbot[bot]", "k8s-ci-robot", "netlify[bot]", "project-bot", "pyup-bot", "release-please[bot]",
    "renovate-bot", "restyled-io[bot]", "semantic-release-bot", "snyk-bot", "sonarcloud[bot]", "stainless-app[bot]",
    "transifex-integration[bot]", "vercel[bot]", "weblate", "whitesource-bolt[bot]",
})  # fmt: skip

NON_AI_MAILS: frozenset[str] = frozenset({
    "noreply@github.com", "bot@renovateapp.com", "support@github.com", "action@github.com", "actions@github.com",
    "bot@stainless.com", "bot@stainlessapi.com", "gitlab-bot@gitlab.com",
})  # fmt: skip
"""Addresses of machines: never an agent's, and never the person who ran one."""

VENDOR_DOMAINS: frozenset[str] = frozenset({
    "anthropic.com", "openai.com", "google.com", "github.com", "microsoft.com", "cursor.com", "anysphere.co", "cognition.ai",
    "windsurf.com", "codeium.com", "ampcode.com", "sourcegraph.com", "jetbrains.com", "alibabacloud.com", "mistral.ai",
    "moonshot.ai", "x.ai", "z.ai", "warp.dev", "replit.com", "gitlab.com", "all-hands.dev", "charm.land", "amazon.com",
    "users.noreply.github.com", "gmail.com",
})  # fmt: skip
"""Domains where people have their mail: staff of these vendors commit too, and stay human. No row may claim one whole."""

PLAIN_GENERATORS: frozenset[str] = frozenset({
    "antlr", "autorest", "bison", "bindgen", "buf", "cbindgen", "controller-gen", "copier", "cookiecutter", "cython",
    "doxygen", "ent", "flatc", "flex", "fern", "graphql-codegen", "javacc", "jooq", "kiota", "kubebuilder", "mockgen",
    "openapi", "openapi-generator", "orval", "prisma", "protoc", "protobuf", "quicktype", "re2c", "speakeasy", "sphinx",
    "sqlc", "stainless", "stringer", "swagger", "swagger-codegen", "swig", "thrift", "wire", "wsdl2java", "xjc", "yacc",
    "yeoman",
})  # fmt: skip
"""Code generators that write `Generated-by:` and `Made-with:` and have no model in them."""

reviewers = "id audit"
REVIEWERS: tuple[Mark, ...] = (
    Family("coderabbit", "CodeRabbit", reviewers, assisted=True).account(136622811),
    Family("coderabbit", "CodeRabbit", reviewers, assisted=True).login("coderabbitai[bot]"),
    Family("greptile", "Greptile", reviewers, assisted=True).account(165735046),
    Family("greptile", "Greptile", reviewers, assisted=True).login("greptile-apps[bot]"),
    Family("sourcery", "Sourcery", reviewers, assisted=True).account(58596630),
    Family("sourcery", "Sourcery", reviewers, assisted=True).login("sourcery-ai[bot]"),
    Family("seer", "Seer by Sentry", reviewers, assisted=True).login("seer-by-sentry[bot]"),
)
"""AI that reviews. A robot's review is no human approval, and its accepted suggestion does not make a change generated."""
