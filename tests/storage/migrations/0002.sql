INSERT INTO records (position, id, kind, about, head_sha, regards, bundle, stored_at)
VALUES (1, 'v1', 'void', 'github:github.com/acme/shop#7', '', 'a1', X'62756e646c65', '2026-03-03 09:00:00.000000');
INSERT INTO checkpoints (size, root, note, made_at) VALUES (1, X'726f6f74', 'note', '2026-03-03 09:00:00.000000');
INSERT INTO cosignatures (size, line, taken_at) VALUES (1, 'line', '2026-03-03 09:00:00.000000');
INSERT INTO timestamps (size, token, taken_at) VALUES (1, X'746f6b656e', '2026-03-03 09:00:00.000000');
INSERT INTO anchors (size, place, reference, placed_at) VALUES (1, 'git', 'c1', '2026-03-03 09:00:00.000000');
INSERT INTO links (id, person, team, chat_user, forge, host, account_id, login, method, linked_at, checked_at, because)
VALUES ('l1', 'ada', 'T1', 'U1', 'github', 'github.com', 1001, 'ada', 'login', '2026-03-03 09:00:00.000000',
        '2026-03-03 09:00:00.000000', '');
INSERT INTO passkeys (id, person, public_key, label, record, enrolled_at, sign_count, synced)
VALUES ('p1', 'ada', X'6b6579', 'laptop', 'r1', '2026-03-03 09:00:00.000000', 0, FALSE);
INSERT INTO visits (token_sha256, kind, team, chat_user, person, about, request, revision, statement, state, oauth, created_at,
                    expires_at)
VALUES ('t1', 'link', 'T1', 'U1', 'ada', '', '', 0, X'', '{}', '', '2026-03-03 09:00:00.000000', '2026-03-03 09:10:00.000000');
INSERT INTO pushes (head_sha, repo_key, branch, account, pushed_at)
VALUES ('a1', 'github:github.com/acme/shop', 'feature', 'github:github.com:1001', '2026-03-03 09:00:00.000000');
