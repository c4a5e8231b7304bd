INSERT INTO changes (key, repo_key, open, head_sha, head, signals, pushers, facts, verdict, evaluated_at)
VALUES ('github:github.com/acme/shop#7', 'github:github.com/acme/shop', TRUE, 'a1', NULL, '[]', '[]', X'6661637473', X'76657264696374',
        '2026-03-03 09:00:00.000000');
INSERT INTO requests (token, change_key, head_sha, policy_digest, tier, state, revision, channel, created_at, updated_at)
VALUES ('tok', 'github:github.com/acme/shop#7', 'a1', 'digest', 'high', 'open', 1, 'C1', '2026-03-03 09:00:00.000000',
        '2026-03-03 09:00:00.000000');
INSERT INTO approvals (id, change_key, head_sha, bundle, stored_at)
VALUES ('a1', 'github:github.com/acme/shop#7', 'a1', X'62756e646c65', '2026-03-03 09:00:00.000000');
INSERT INTO voids (approval_id, because, voided_at) VALUES ('a1', 'a push', '2026-03-03 09:00:00.000000');
INSERT INTO jobs (dedupe_key, lane, kind, event, state, attempts, received_at, due_at, error)
VALUES ('d1', 'lane', 'ChangeTouched',
        '{"change"\:{"repo"\:{"forge"\:"github","host"\:"github.com","path"\:"acme/shop"},"number"\:7},"reason"\:"opened"}',
        'pending', 0, '2026-03-03 08:00:00.000000', '2026-03-03 08:00:00.000000', '');
INSERT INTO surfaces (change_key, surface, revision, wanted_digest, shown_digest, external_id, changed_at)
VALUES ('github:github.com/acme/shop#7', 'comment', 1, 'x', '', NULL, '2026-03-03 09:00:00.000000');
INSERT INTO outbox (change_key, surface, lane, kind, action, digest, revision, state, attempts, queued_at, due_at, error)
VALUES ('github:github.com/acme/shop#7', 'comment', 'forge:comment', 'SetComment',
        '{"change"\:{"repo"\:{"forge"\:"github","host"\:"github.com","path"\:"acme/shop"},"number"\:7},"body"\:"one"}',
        'x', 1, 'pending', 0, '2026-03-03 08:00:00.000000', '2026-03-03 08:00:00.000000', '');
