"""Every GraphQL query the adapter sends, in one place, valid against GitHub's public schema.

`CHANGE` is the whole look at a change but its file list, which GraphQL does not carry patches for. Policy and CODEOWNERS are
read through the base branch's commit, so no branch name has to be known beforehand; the base is always the branch's present
tip, not the one that GitHub noted when the pull request was last touched (`baseRefOid`).
"""

from __future__ import annotations

from collections.abc import Sequence

CO_AUTHORS_READ = 10

_COMMIT = """
fragment Person on GitActor { name email user { id databaseId login } }
fragment Told on Commit {
  oid message authoredDate
  author { ...Person }
  committer { ...Person }
  authors(first: CO_AUTHORS) { totalCount nodes { ...Person } }
  parents(first: 10) { nodes { oid } }
  signature { isValid wasSignedByGitHub }
}
fragment CommitPage on PullRequestCommitConnection {
  totalCount pageInfo { hasNextPage endCursor } nodes { commit { ...Told } }
}
""".replace("CO_AUTHORS", str(CO_AUTHORS_READ))

_HEAD = """
fragment Head on Commit {
  oid tree { oid }
  checkSuites(first: 10, filterBy: {appId: $app}) { nodes {
    checkRuns(first: 10, filterBy: {checkName: $check, checkType: LATEST}) {
      nodes { databaseId externalId status conclusion }
    }
  } }
}
"""

CHANGE = (
    """
query Change($owner: String!, $name: String!, $number: Int!, $app: Int!, $check: String!) {
  repository(owner: $owner, name: $name) {
    notes: object(expression: "refs/notes/ai") { oid }
    pullRequest(number: $number) {
      title body state isDraft url createdAt updatedAt changedFiles
      headRefName headRefOid baseRefName baseRefOid
      headRepository { nameWithOwner }
      author { __typename login ... on User { databaseId } ... on Bot { databaseId } ... on Mannequin { databaseId } }
      labels(first: 100) { nodes { name } }
      baseRef { target { oid ... on Commit {
        policy: file(path: ".llmgate/policy.yaml") { ...Words }
        ownersHidden: file(path: ".github/CODEOWNERS") { ...Words }
        ownersRoot: file(path: "CODEOWNERS") { ...Words }
        ownersDocs: file(path: "docs/CODEOWNERS") { ...Words }
        attributes: file(path: ".gitattributes") { ...Words }
      } } }
      commits(first: 100) { ...CommitPage }
      head: commits(last: 1) { nodes { commit { ...Head } } }
    }
  }
}
fragment Words on TreeEntry { object { ... on Blob { oid byteSize isBinary isTruncated text } } }
"""
    + _COMMIT
    + _HEAD
)

HEAD = (
    """
query Head($owner: String!, $name: String!, $oid: GitObjectID!, $app: Int!, $check: String!) {
  repository(owner: $owner, name: $name) { object(oid: $oid) { ...Head } }
}
"""
    + _HEAD
)
"""For a change of more commits than GitHub lists, whose last listed commit is not its head."""

MORE_COMMITS = (
    """
query MoreCommits($owner: String!, $name: String!, $number: Int!, $after: String!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) {
    commits(first: 100, after: $after) { ...CommitPage }
  } }
}
"""
    + _COMMIT
)

QUEUE = """
query Queue($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) { mergeQueue(branch: $branch) { entries(first: 100) { nodes {
    position headCommit { oid } pullRequest { number }
  } } } }
}
"""


def objects(expressions: Sequence[str]) -> tuple[str, dict[str, str]]:
    """A query for the text of many blobs at once, as `o0`, `o1`, … and its variables but for the repository's."""
    declared = "".join(f", $e{n}: String!" for n in range(len(expressions)))
    asked = "".join(f"o{n}: object(expression: $e{n}) {{ ...Words }}\n" for n in range(len(expressions)))
    query = (
        f"query Objects($owner: String!, $name: String!{declared}) {{\n"
        f"repository(owner: $owner, name: $name) {{\n{asked}}} }}\n"
        "fragment Words on GitObject { ... on Blob { oid byteSize isBinary isTruncated text } }\n"
    )
    return query, {f"e{n}": expression for n, expression in enumerate(expressions)}


def blames(paths: Sequence[str]) -> tuple[str, dict[str, str]]:
    """A query for who wrote several files at the commit `$oid`, as `b0`, `b1`, …, and its variables for the paths. GitHub takes
    no range: each file comes whole. Each is asked of a commit of its own, so that one that is not there takes no other along.
    """
    declared = "".join(f", $p{n}: String!" for n in range(len(paths)))
    below = "... on Commit { blame(path: $NTH) { ...Written } }"
    asked = "".join(f"b{n}: object(oid: $oid) {{ {below.replace('NTH', f'p{n}')} }}\n" for n in range(len(paths)))
    query = (
        f"query Blames($owner: String!, $name: String!, $oid: GitObjectID!{declared}) {{\n"
        f"repository(owner: $owner, name: $name) {{\n{asked}}} }}\n"
        "fragment Written on Blame { ranges { startingLine endingLine commit { author { user { databaseId } } } } }\n"
    )
    return query, {f"p{n}": path for n, path in enumerate(paths)}


def statuses(logins: Sequence[str]) -> tuple[str, dict[str, str]]:
    """A query for what several users say of their time, as `u0`, `u1`, …, and its variables."""
    declared = ", ".join(f"$l{n}: String!" for n in range(len(logins)))
    asked = "".join(
        f"u{n}: user(login: $l{n}) {{ databaseId status {{ indicatesLimitedAvailability }} }}\n" for n in range(len(logins))
    )
    return f"query Statuses({declared}) {{\n{asked}}}\n", {f"l{n}": login for n, login in enumerate(logins)}
