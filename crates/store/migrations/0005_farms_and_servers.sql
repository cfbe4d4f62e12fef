-- What users declare: farms, their tiers, and the servers these have.

CREATE TABLE farms (
    id BIGINT NOT NULL PRIMARY KEY,
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    launch_order TEXT NOT NULL,
    owner_id BIGINT NOT NULL,
    owner_email TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (environment_id, name)
);

-- config: networks, security groups, zones and what only one cloud has, as in the API.
CREATE TABLE farm_roles (
    id BIGINT NOT NULL PRIMARY KEY,
    farm_id BIGINT NOT NULL REFERENCES farms (id) ON DELETE CASCADE,
    role_id BIGINT NOT NULL REFERENCES roles (id),
    alias TEXT NOT NULL,
    platform TEXT NOT NULL,
    location_id TEXT NOT NULL,
    instance_type_id TEXT NOT NULL,
    launch_index BIGINT NOT NULL,
    is_scaled BOOLEAN NOT NULL,
    min_instances BIGINT NOT NULL,
    max_instances BIGINT NOT NULL,
    config TEXT NOT NULL,
    UNIQUE (farm_id, alias)
);
CREATE INDEX farm_roles_by_role ON farm_roles (role_id);

-- A row is the promise: what is made in a cloud carries its id. wanted is written by users, the rest by who has the
-- lease; generation grows whenever a user wrote, so that a look that began before does not put off the next.
CREATE TABLE servers (
    id TEXT NOT NULL PRIMARY KEY,
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    farm_id BIGINT NOT NULL REFERENCES farms (id),
    farm_role_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    platform TEXT NOT NULL,
    location_id TEXT NOT NULL,
    credential_id TEXT NOT NULL REFERENCES cloud_credentials (id),
    instance_type_id TEXT NOT NULL,
    launch_reason TEXT NOT NULL,
    launched_by_id BIGINT NOT NULL,
    launched_by_email TEXT NOT NULL,
    created_at BIGINT NOT NULL,

    wanted TEXT NOT NULL,
    reboot TEXT,
    look_at BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    lease_holder TEXT,
    lease_until BIGINT,

    status TEXT NOT NULL,
    status_since BIGINT NOT NULL,
    spec TEXT,
    cloud_order TEXT,
    cloud_id TEXT,
    cloud_status TEXT,
    addresses TEXT NOT NULL,
    failure TEXT,
    n_tries BIGINT NOT NULL,
    odd_since BIGINT,
    reboot_sent_at BIGINT,
    observed_at BIGINT,
    launched_at BIGINT,
    suspended_at BIGINT,
    terminated_at BIGINT
);
CREATE INDEX servers_by_look ON servers (look_at);
CREATE INDEX servers_by_environment ON servers (environment_id, id);
CREATE INDEX servers_by_farm ON servers (farm_id);
CREATE INDEX servers_by_farm_role ON servers (farm_role_id);
CREATE INDEX servers_by_credential ON servers (credential_id);

-- What came to pass with servers, with its evidence. Kept when they are gone, so without foreign keys.
CREATE TABLE event_logs (
    id TEXT NOT NULL PRIMARY KEY,
    environment_id BIGINT NOT NULL,
    farm_id BIGINT NOT NULL,
    farm_role_id BIGINT NOT NULL,
    server_id TEXT NOT NULL,
    event TEXT NOT NULL,
    message TEXT NOT NULL,
    evidence TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX event_logs_by_environment ON event_logs (environment_id, at);
CREATE INDEX event_logs_by_server ON event_logs (server_id, at);
CREATE INDEX event_logs_by_time ON event_logs (at);
