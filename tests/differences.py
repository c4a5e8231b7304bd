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
        "the secret token, and the signing token's HMAC where one is set: then nothing less will do",
        "test_where_a_signing_token_is_set_nothing_less_than_its_signature_will_do",
    ),
    Difference(
        "the same delivery twice",
        "known by `X-GitHub-Delivery`",
        "known by `webhook-id` or `Idempotency-Key`, else by the event's UUID and the body",
        "test_a_delivery_is_known_again_by_what_is_signed_first",
    ),
    Difference(
        "deliveries that were missed",
        "asked for again, and found by the sweep",
        "found by the sweep",
        "test_nothing_is_sent_again_by_gitlab",
    ),
    Difference(
        "where the verdict stands",
        "a check run on the head commit",
        "a commit status in the newest pipeline of the head, posted again into a newer one",
        "test_it_goes_into_the_newest_pipeline_of_the_head",
    ),
    Difference(
        "the verdict's long text",
        "in the check",
        "folded into the sticky note",
        "test_what_a_check_would_say_is_folded_below_the_comment",
    ),
    Difference(
        "a verdict that waits",
        "says for whom",
        "says for whom in the note: GitLab never changes the words of a pending status",
        "test_each_state_has_its_status_and_words_that_stay_true",
    ),
    Difference(
        "a verdict that does not decide",
        "a neutral check",
        "a success whose words begin with `Not deciding:`",
        "test_each_state_is_shown_in_gitlabs_words",
    ),
    Difference(
        "a verdict by somebody else's hand",
        "only the App may set the check",
        "Developers may post a status of that name: the gate posts its own again, and the other carriers close the way",
        "test_a_status_that_somebody_forged_is_back_on_top",
    ),
    Difference(
        "a change from a fork",
        "like any other",
        "the status belongs into the fork, of whose newer pipelines only the sweep learns; where the bot is no Developer, "
        "another carrier has to bind",
        "test_where_a_fork_keeps_the_bot_out_the_words_say_that_nothing_binds_and_what_to_do",
    ),
    Difference(
        "landing in a queue",
        "a merge group has one commit, judged for all its members",
        "each car of a merge train has a pipeline, judged by itself",
        "test_a_trains_pipeline_touches_its_member",
    ),
    Difference(
        "a request for changes",
        "a review",
        "a thread, which people resolve",
        "test_a_request_for_changes_is_a_thread_said_once_that_people_resolve",
    ),
    Difference(
        "a note that somebody deleted",
        "told at once",
        "never told: written anew by the next look that finds it gone",
        "test_a_deleted_comment_and_label_come_back",
    ),
    Difference(
        "a line that begins with `/`",
        "text",
        "would be a command, and is made inert",
        "test_no_text_whatever_becomes_a_quick_action",
    ),
    Difference(
        "an approval on the forge, where the policy counts it",
        "a review, bound to its commit",
        "an approval of the merge request, bound to the head by its time, which GitLab tells since 18.4",
        "test_an_approval_is_of_the_head_that_it_is_younger_than",
    ),
    Difference(
        "CODEOWNERS",
        "the last line that matches counts",
        "so it is in each section, and each section asks for approvals of its own",
        "test_each_section_is_read_for_itself_and_its_last_line_that_matches_counts",
    ),
    Difference(
        "a team in the policy",
        "`org/team`",
        "a group, and in it those who were put there: nobody from the groups above",
        "test_a_group_has_its_direct_members_and_nobody_from_above",
    ),
    Difference(
        "who committed",
        "told by GitHub for each commit",
        "told for the merge request only: an address that fits nobody ties to nobody, and blocks",
        "test_two_unknown_committers_are_tied_to_nobody",
    ),
    Difference(
        "co-authors",
        "GitHub ties their addresses to accounts",
        "GitLab ties none: only its private addresses, and those that authors and committers here use, are somebody's",
        "test_a_private_address_leads_to_its_number_on_its_own_host_alone",
    ),
    Difference(
        "what a signed approval is bound to",
        "the head commit and its tree",
        "the head commit, which names its tree: GitLab tells no tree's id",
        "test_where_no_tree_is_told_the_commit_alone_is_bound",
    ),
    Difference(
        "the diff",
        "files in JSON",
        "git's own diff, whole, held against the head; before GitLab 17.9 the list, and what it folds is a gap",
        "test_an_older_gitlab_is_read_by_its_list_and_folded_patches_are_gaps",
    ),
    Difference(
        "provenance and reports",
        "from the tree",
        "from the tree, a job's artifacts, a generic package",
        "test_a_finished_jobs_artifacts_are_documents_and_reports_that_say_where_they_came_from",
    ),
    Difference(
        "asking for another look",
        "*Re-run* or *Re-check* on the check",
        "run a pipeline, or *Retry* of the external status check",
        "test_a_status_check_asks_for_a_look_and_a_retry_for_the_answer_once_more",
    ),
)
