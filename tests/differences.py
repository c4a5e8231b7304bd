"""Where the forges differ, told once: README's table is made from this, and each row names the test that covers it."""

from __future__ import annotations

from typing import NamedTuple


class Difference(NamedTuple):
    what: str
    github: str
    gitlab: str
    test: str
    """A test's name, wherever it stands under `tests/`."""


DIFFERENCES = (
    Difference(
        "who the gate is",
        "a GitHub App with an installation per organisation",
        "an account: a group's bot or a service account, one token a host",
        "test_each_delivery_lands_at_its_own_forge",
    ),
    Difference(
        "who sent a webhook",
        "HMAC of the body under one secret",
        "secret token, and the signing token's HMAC where one is set: then nothing less will do",
        "test_where_a_signing_token_is_set_nothing_less_than_its_signature_will_do",
    ),
    Difference(
        "the same delivery twice",
        "known by `X-GitHub-Delivery`",
        "known by `webhook-id` or `Idempotency-Key`, else by the event's UUID and the body",
        "test_a_delivery_is_known_again_by_what_is_signed_first",
    ),
    Difference(
        "a deleted note of the gate",
        "told at once, written anew at once",
        "never told: written anew by the next look",
        "test_a_deleted_comment_and_label_come_back",
    ),
    Difference(
        "a verdict by somebody else's hand",
        "only the App may set the check",
        "Developers may post a status of that name: see the tiers",
        "test_a_forged_status_of_the_same_name_does_not_open_the_branch",
    ),
    Difference(
        "another pipeline on the same commit",
        "means nothing to the check",
        "lacks the status, so it is posted again",
        "test_a_branchs_pipeline_touches_the_changes_on_its_commit",
    ),
    Difference(
        "landing in a queue",
        "a merge group has one commit and one check for all its members",
        "each car of a merge train has a pipeline, judged by itself",
        "test_a_trains_pipeline_touches_its_member",
    ),
    Difference(
        "an approval on the forge (where the policy counts it)",
        "a review, bound to its commit",
        "an approval of the merge request; one that GitLab took back by itself is no person's decision",
        "test_approvals_that_gitlab_took_back_by_itself_are_no_persons_decision",
    ),
    Difference(
        "where the diff comes from",
        "files in JSON, patches of large ones left out",
        "git's own diff, whole, parsed strictly",
        "test_what_git_would_not_write_is_refused_with_its_line",
    ),
    Difference(
        "asking for another look",
        "*Re-run* or *Re-check* on the check",
        "run a pipeline, or *Retry* of the status check",
        "test_a_status_check_asks_for_a_look_and_a_retry_for_the_answer_once_more",
    ),
)
