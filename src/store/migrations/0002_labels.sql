-- What a person, or the sensor's button, said: of an episode (episode_id), or of a stretch in which nothing was found
-- (from_at to to_at). Each keeps its newest label; episodes.label repeats the word for quick reading.
CREATE TABLE labels (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    leg TEXT NOT NULL REFERENCES legs (leg),
    night TEXT NOT NULL,
    episode_id TEXT UNIQUE REFERENCES episodes (id),
    from_at BIGINT NOT NULL,
    to_at BIGINT,
    label TEXT NOT NULL CHECK (label IN ('cramp', 'not', 'unsure')),
    source TEXT NOT NULL CHECK (source IN ('user', 'marker')),
    labelled_at BIGINT NOT NULL,
    CHECK (episode_id IS NOT NULL OR (to_at IS NOT NULL AND to_at > from_at))
);
CREATE INDEX labels_by_time ON labels (leg, from_at);
