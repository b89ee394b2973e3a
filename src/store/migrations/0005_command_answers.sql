-- Commands that carried an id and what was answered, so that a repeat is answered alike and not done again. Rows older than a
-- day are deleted.
CREATE TABLE command_answers (
    request_id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    verb TEXT NOT NULL,
    ok BIGINT NOT NULL CHECK (ok IN (0, 1)),
    -- Why it was not done; NULL if it was.
    error TEXT,
    received_at BIGINT NOT NULL
);
CREATE INDEX command_answers_by_time ON command_answers (received_at);
