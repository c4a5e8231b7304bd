INSERT INTO assignments (token, person, change_key, tier, how, at, "by", seat, gone, open)
VALUES ('t1', 'ada', 'github:github.com/acme/shop#7', 'high', 'routed', '2026-03-03 09:00:00.000000', NULL, '', '', TRUE);
INSERT INTO escalations (token, seat, change_key, person, tier, chain, step, epoch, since, next_at, ended, snoozes)
VALUES ('t1', 'owners', 'github:github.com/acme/shop#7', 'ada', 'high', '{}', 0, 1, '2026-03-03 09:00:00.000000',
        '2026-03-03 10:00:00.000000', FALSE, 0);
INSERT INTO reminders (dedupe, person, kind, change_key, token, seat, epoch, tier, at, words, at_night, state)
VALUES ('t1:owners:1:1:ada', 'ada', 'nudge', 'github:github.com/acme/shop#7', 't1', 'owners', 1, 'high',
        '2026-03-03 10:00:00.000000', '', FALSE, 'waiting');
INSERT INTO person_settings (person, zone, delivery, digest, saved_at)
VALUES ('ada', 'Europe/Berlin', 'dm', TRUE, '2026-03-03 09:00:00.000000');
INSERT INTO digests (person, at) VALUES ('ada', '2026-03-04 08:00:00.000000');
INSERT INTO turnings (at, change_key, token, seat, kind, words)
VALUES ('2026-03-03 10:00:00.000000', 'github:github.com/acme/shop#7', 't1', 'owners', 'step', '');
INSERT INTO leases (name, holder, until) VALUES ('escalate', 'h1', '2026-03-03 10:01:00.000000');
