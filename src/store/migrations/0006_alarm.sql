-- What the alarm of a leg must not forget over a restart: muted and disarmed until when, what was told already. JSON.
CREATE TABLE alarm_states (
    leg TEXT PRIMARY KEY NOT NULL REFERENCES legs (leg),
    person_id TEXT NOT NULL REFERENCES persons (id),
    state TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- What a person's glass holds since it was set over MQTT; it goes before the configuration.
CREATE TABLE glasses (
    person_id TEXT PRIMARY KEY NOT NULL REFERENCES persons (id),
    glass_ml DOUBLE PRECISION NOT NULL,
    at BIGINT NOT NULL
);
