-- What an environment has in a cloud besides servers: volumes, networks. A row is the promise, as in servers: what is made
-- carries its id. description: what it is to be, as JSON of the kind; parts: what there is of it in the cloud. asked_at: when
-- the cloud was last asked to make something of it and no answer is known; ready_at: when all of it was first there.
CREATE TABLE assets (
    id TEXT NOT NULL PRIMARY KEY,
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    platform TEXT NOT NULL,
    location_id TEXT NOT NULL,
    credential_id TEXT NOT NULL REFERENCES cloud_credentials (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_by_id BIGINT NOT NULL,
    created_by_email TEXT NOT NULL,
    created_at BIGINT NOT NULL,

    wanted TEXT NOT NULL,
    look_at BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    lease_holder TEXT,
    lease_until BIGINT,

    status TEXT NOT NULL,
    status_since BIGINT NOT NULL,
    parts TEXT NOT NULL,
    failure TEXT,
    n_tries BIGINT NOT NULL,
    odd_since BIGINT,
    asked_at BIGINT,
    ready_at BIGINT,
    observed_at BIGINT,
    deleted_at BIGINT
);
-- A name is free again when the cloud has nothing of it any more.
CREATE UNIQUE INDEX assets_by_name ON assets (environment_id, kind, name) WHERE deleted_at IS NULL;
CREATE INDEX assets_by_look ON assets (look_at);
CREATE INDEX assets_by_environment ON assets (environment_id, kind, id);
CREATE INDEX assets_by_credential ON assets (credential_id);
