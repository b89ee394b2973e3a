-- The diary. Nothing is ever deleted: what is taken back or changed keeps its row with deleted_at.
CREATE TABLE diary_entries (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    -- What one command wrote, and what `log undo` takes back together.
    batch TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('water', 'food', 'drink', 'supplement', 'exposure', 'relief', 'note')),
    name TEXT NOT NULL,
    -- As it was given.
    amount DOUBLE PRECISION,
    unit TEXT,
    -- Volume of water and drinks.
    amount_ml DOUBLE PRECISION,
    -- Nutrients as a JSON object, each in its own unit; what is not in it is unknown. Of water amount_ml says all.
    brings TEXT,
    -- Minutes, or 1 and 0 for yes and no.
    exposure_amount DOUBLE PRECISION,
    outcome TEXT CHECK (outcome IN ('worked', 'helped', 'no')),
    episode_id TEXT REFERENCES episodes (id),
    note TEXT,
    at BIGINT NOT NULL,
    logged_at BIGINT NOT NULL,
    deleted_at BIGINT,
    edited_from TEXT REFERENCES diary_entries (id),
    -- The same row of a file gives the same key, so that a file imported twice counts once.
    import_key TEXT
);
CREATE INDEX diary_by_time ON diary_entries (person_id, at);
CREATE INDEX diary_by_batch ON diary_entries (batch);
CREATE UNIQUE INDEX diary_by_import ON diary_entries (person_id, import_key)
WHERE deleted_at IS NULL AND import_key IS NOT NULL;

-- Until now there was only water.
INSERT INTO diary_entries (id, person_id, batch, kind, name, amount, unit, amount_ml, note, at, logged_at)
SELECT id, person_id, id, 'water', 'water', amount, unit, amount_ml, note, at, logged_at FROM intakes WHERE kind = 'water';
DROP TABLE intakes;

-- What a person said about themselves. NULL: nobody asked; '[]': none.
CREATE TABLE person_profiles (
    person_id TEXT PRIMARY KEY NOT NULL REFERENCES persons (id),
    birth_year BIGINT,
    sex TEXT,
    life_state TEXT,
    weight_kg DOUBLE PRECISION,
    conditions TEXT,
    medicines TEXT,
    changed_at BIGINT NOT NULL
);

-- Own foods and recipes; the row with the same name replaces the earlier one.
CREATE TABLE own_foods (
    person_id TEXT NOT NULL REFERENCES persons (id),
    name TEXT NOT NULL,
    -- Nutrients of 100 g as a JSON object.
    per_100g TEXT NOT NULL,
    -- Portions as a JSON array of [name, g].
    portions TEXT NOT NULL,
    -- Parts of a recipe as a JSON array of [name, g]; NULL for a food.
    recipe TEXT,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, name)
);

-- A preset is a JSON array of what would be typed after `crampwatch log`.
CREATE TABLE presets (
    person_id TEXT NOT NULL REFERENCES persons (id),
    name TEXT NOT NULL,
    lines TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, name)
);
