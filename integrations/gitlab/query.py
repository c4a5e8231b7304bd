"""Every GraphQL query of the reading side, in one place, valid against GitLab's public schema.

GitLab refuses a query of more than 250 points: a field is one, one more where it asks the git server, a path of `blobs` is
one, and a list of up to a hundred doubles what is in it. So `CHANGE` asks for commits, statistics and known paths only
where the head may be new (`$whole`), and no query asks for more than `PATHS_AT_ONCE` paths.

Branches are named in full (`refs/heads/…`): git takes a tag before a branch of the same name, and tags are anybody's.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.forges import FORGES

KNOWN_PATHS = 30
"""Paths that may be asked for within `CHANGE`."""
PATHS_AT_ONCE = 80
POLICY_PATH = ".llmgate/policy.yaml"
ATTRIBUTES_PATH = ".gitattributes"
OWNERS_PATHS = FORGES["gitlab"].owners_places
BASE_PATHS = [POLICY_PATH, *OWNERS_PATHS, ATTRIBUTES_PATH]
NOTES = "refs/notes/ai"

_ACCOUNT = """
fragment Account on User { id username bot }
"""

_COMMITS = """
fragment Commits on MergeRequest {
  commits(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      sha message authoredDate authorName authorEmail committerName committerEmail
      author { ...Account } signature { verificationStatus }
    }
  }
  straight: commitsWithoutMergeCommits(first: 100, after: $afterStraight) {
    pageInfo { hasNextPage endCursor } nodes { sha }
  }
}
"""

_BASE = """
fragment Base on Repository {
  base: blobs(ref: $base, paths: $read, first: 10) { nodes { path oid rawSize rawTextBlob } }
  tip: tree(ref: $base) { lastCommit { sha } }
}
"""

CHANGE = (
    """
query Change(
  $path: ID!, $iid: String!, $base: String, $read: [String!]!, $after: String, $afterStraight: String,
  $whole: Boolean!, $head: String, $known: [String!]!, $asked: Boolean!, $packages: Boolean!,
  $version: String
) {
  currentUser { id }
  project(fullPath: $path) {
    repository {
      rootRef
      ...Base
      notes: tree(ref: "refs/notes/ai") @include(if: $whole) {
        blobs(first: 1) { nodes { name } } trees(first: 1) { nodes { name } }
      }
      head: blobs(ref: $head, paths: $known, first: 30) @include(if: $asked) { nodes { path oid } }
    }
    packages(packageName: "llmgate", packageType: GENERIC, packageVersion: $version, first: 5) @include(if: $packages) {
      nodes { id name version status }
    }
    mergeRequest(iid: $iid) {
      title description state draft webUrl createdAt updatedAt sourceBranch targetBranch
      sourceProject { fullPath }
      author { ...Account }
      assignees(first: 20) { nodes { ...Account } }
      diffHeadSha diffRefs { baseSha headSha startSha } commitCount
      labels(first: 100) { nodes { title } }
      diffStats @include(if: $whole) { path additions deletions }
      committers(first: 100) @include(if: $whole) { nodes { ...Account } }
      ...Commits @include(if: $whole)
      headPipeline {
        id status sha ref project { fullPath }
        jobs(first: 100, retried: false) { nodes { id name status detailedStatus { label } } }
      }
    }
  }
}
"""
    + _BASE
    + _COMMITS
    + _ACCOUNT
)

BASE = (
    """
query Base($path: ID!, $base: String, $read: [String!]!) {
  project(fullPath: $path) { repository { ...Base } }
}
"""
    + _BASE
)
"""For a merge request into another branch than was thought."""

MORE_COMMITS = (
    """
query MoreCommits($path: ID!, $iid: String!, $after: String, $afterStraight: String) {
  project(fullPath: $path) { mergeRequest(iid: $iid) { ...Commits } }
}
"""
    + _COMMITS
    + _ACCOUNT
)

PATHS = """
query Paths($path: ID!, $iid: String!, $ref: String!, $paths: [String!]!) {
  project(fullPath: $path) {
    repository { blobs(ref: $ref, paths: $paths, first: 80) { nodes { path oid } } }
    mergeRequest(iid: $iid) { diffRefs { headSha } }
  }
}
"""
"""Which object each path is at a commit."""

TEXTS = """
query Texts($path: ID!, $ref: String!, $paths: [String!]!) {
  project(fullPath: $path) { repository {
    blobs(ref: $ref, paths: $paths, first: 80) { nodes { path oid rawSize rawTextBlob } }
  } }
}
"""

AUTHORS_AT_ONCE = 12
"""Commits whose author is asked for in one query; each costs 15 points."""


def authors(commits: Sequence[str]) -> tuple[str, dict[str, str]]:
    """A query for the accounts that GitLab ties to the authors of commits, as `c0`, `c1`, …, and its variables but for the
    project. The last commit of a commit's own tree is that commit: older GitLab has no shorter way."""
    declared = "".join(f", $r{n}: String" for n in range(len(commits)))
    asked = "".join(f"c{n}: tree(ref: $r{n}) {{ lastCommit {{ sha author {{ id }} }} }}\n" for n in range(len(commits)))
    query = f"query Authors($path: ID!{declared}) {{ project(fullPath: $path) {{ repository {{\n{asked}}} }} }}\n"
    return query, {f"r{n}": commit for n, commit in enumerate(commits)}


OPEN = """
query Open($path: ID!, $after: String) {
  project(fullPath: $path) { mergeRequests(state: opened, first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { iid diffHeadSha targetBranch updatedAt headPipeline { id status } }
  } }
}
"""
