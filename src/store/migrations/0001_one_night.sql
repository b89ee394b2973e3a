-- One schema for SQLite and PostgreSQL: TEXT (uuid, json, dates), BIGINT (µs UTC, 0/1), DOUBLE PRECISION.
-- A migration is never edited once released; every change is a new file.

CREATE TABLE persons (
    id TEXT PRIMARY KEY NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE legs (
    leg TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    side TEXT NOT NULL CHECK (side IN ('left', 'right')),
    UNIQUE (person_id, side)
);

-- Noon to noon local time, named by the date on which the night begins.
CREATE TABLE nights (
    leg TEXT NOT NULL REFERENCES legs (leg),
    night TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    time_zone TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    first_worn_at BIGINT,
    monitored_s DOUBLE PRECISION NOT NULL,
    valid_s DOUBLE PRECISION NOT NULL,
    gap_count BIGINT NOT NULL,
    cramp_count BIGINT NOT NULL,
    closed BIGINT NOT NULL CHECK (closed IN (0, 1)),
    PRIMARY KEY (leg, night)
);

CREATE TABLE gaps (
    leg TEXT NOT NULL REFERENCES legs (leg),
    from_at BIGINT NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    night TEXT NOT NULL,
    to_at BIGINT NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('no_data', 'lead_off')),
    PRIMARY KEY (leg, from_at),
    CHECK (to_at >= from_at)
);
CREATE INDEX gaps_by_night ON gaps (leg, night);

CREATE TABLE episodes (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    leg TEXT NOT NULL REFERENCES legs (leg),
    night TEXT NOT NULL,
    onset_at BIGINT NOT NULL,
    suspected_at BIGINT NOT NULL,
    alarm_at BIGINT,
    end_at BIGINT,
    last_data_at BIGINT NOT NULL,
    severity TEXT CHECK (severity IN ('mild', 'moderate', 'severe')),
    probability DOUBLE PRECISION NOT NULL,
    peak_emg_rms_uv DOUBLE PRECISION NOT NULL,
    acc_rms_mg DOUBLE PRECISION,
    reasons TEXT NOT NULL,
    end_reason TEXT,
    model_id TEXT NOT NULL,
    model_sha256 TEXT NOT NULL,
    config_rev BIGINT NOT NULL,
    source TEXT NOT NULL,
    label TEXT,
    acknowledged BIGINT NOT NULL CHECK (acknowledged IN (0, 1))
);
CREATE INDEX episodes_by_night ON episodes (leg, night, onset_at);
CREATE INDEX episodes_still_open ON episodes (leg) WHERE end_at IS NULL;

CREATE TABLE calibrations (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    leg TEXT NOT NULL REFERENCES legs (leg),
    channel TEXT NOT NULL,
    rest_rms_uv DOUBLE PRECISION NOT NULL,
    mvc_rms_uv DOUBLE PRECISION,
    at BIGINT NOT NULL
);
CREATE INDEX calibrations_by_leg ON calibrations (leg, channel, at);

CREATE TABLE intakes (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    amount DOUBLE PRECISION NOT NULL,
    unit TEXT NOT NULL,
    amount_ml DOUBLE PRECISION,
    note TEXT,
    logged_at BIGINT NOT NULL
);
CREATE INDEX intakes_by_time ON intakes (person_id, at);

CREATE TABLE segments (
    path TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    leg TEXT NOT NULL REFERENCES legs (leg),
    night TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    n_samples BIGINT
);
CREATE INDEX segments_by_night ON segments (leg, night, started_at);

CREATE TABLE leg_state (
    leg TEXT PRIMARY KEY NOT NULL REFERENCES legs (leg),
    person_id TEXT NOT NULL REFERENCES persons (id),
    state TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- What a broker has not yet acknowledged. An event may concern no known leg (the bridge), so the person may be null.
CREATE TABLE outbox (
    seq BIGINT PRIMARY KEY NOT NULL,
    person_id TEXT REFERENCES persons (id),
    leg TEXT NOT NULL,
    event_type TEXT NOT NULL,
    payload TEXT NOT NULL,
    due_at BIGINT NOT NULL
);
CREATE INDEX outbox_by_age ON outbox (due_at);

CREATE TABLE config_revisions (
    rev BIGINT PRIMARY KEY NOT NULL,
    hash TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- Sequence numbers, taken in the transaction that uses them: no number is lost or used twice.
CREATE TABLE counters (
    name TEXT PRIMARY KEY NOT NULL,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('event_seq', 0), ('config_rev', 0);
