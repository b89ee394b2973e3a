-- What a person was told on each local day, so that advice can say what changed and does not change its mind every hour.
CREATE TABLE advice_given (
    person_id TEXT NOT NULL REFERENCES persons (id),
    day TEXT NOT NULL,
    -- NULL: nothing was suggested.
    remedy TEXT,
    text TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (person_id, day)
);

-- Trials on oneself. A plan is JSON and never changes; a stopped trial keeps its row.
CREATE TABLE trials (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    plan TEXT NOT NULL,
    drawn_at BIGINT NOT NULL,
    stopped_at BIGINT
);
CREATE INDEX trials_by_person ON trials (person_id, drawn_at);

-- Whether the habit was kept on a day, as the person says it.
CREATE TABLE trial_marks (
    trial_id TEXT NOT NULL REFERENCES trials (id),
    day TEXT NOT NULL,
    kept BIGINT NOT NULL CHECK (kept IN (0, 1)),
    at BIGINT NOT NULL,
    PRIMARY KEY (trial_id, day)
);
