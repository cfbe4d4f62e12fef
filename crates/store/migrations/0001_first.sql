-- Column types are TEXT, BIGINT and BOOLEAN only, so that one text serves SQLite and PostgreSQL.
-- Times are microseconds since 1970 in UTC, uuids and JSON are TEXT, sealed bytes are base64.
-- PostgreSQL compares every TEXT by bytes, as SQLite does.

CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    next BIGINT NOT NULL
);

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE secrets (
    owner TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    wrapped_key TEXT NOT NULL,
    ciphertext TEXT NOT NULL,
    PRIMARY KEY (owner, owner_id, name)
);
CREATE INDEX secrets_by_key ON secrets (key_id);

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Who: accounts, environments, users and what they may do.

CREATE TABLE accounts (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE environments (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (account_id, name)
);

-- account_id NULL: a user of the whole installation.
CREATE TABLE users (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT REFERENCES accounts (id),
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    status TEXT NOT NULL,
    is_admin BOOLEAN NOT NULL,
    failed_logins BIGINT NOT NULL,
    locked_until BIGINT,
    created_at BIGINT NOT NULL,
    last_login_at BIGINT
);
CREATE INDEX users_by_account ON users (account_id);

CREATE TABLE sessions (
    id_hash TEXT NOT NULL PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    csrf_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    remote_addr TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    expires_at BIGINT
);
CREATE INDEX api_keys_by_user ON api_keys (user_id);

-- permissions NULL: all that the user may do.
CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
    environment_id BIGINT REFERENCES environments (id) ON DELETE CASCADE,
    permissions TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT
);
CREATE INDEX tokens_by_user ON tokens (user_id);

CREATE TABLE acl_roles (
    id TEXT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    base_role TEXT NOT NULL,
    permissions TEXT NOT NULL,
    UNIQUE (account_id, name)
);

CREATE TABLE teams (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    default_acl_role_id TEXT NOT NULL REFERENCES acl_roles (id),
    UNIQUE (account_id, name)
);
CREATE INDEX teams_by_acl_role ON teams (default_acl_role_id);

CREATE TABLE team_members (
    team_id BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    acl_role_id TEXT REFERENCES acl_roles (id),
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_by_user ON team_members (user_id);
CREATE INDEX team_members_by_acl_role ON team_members (acl_role_id);

CREATE TABLE environment_teams (
    environment_id BIGINT NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    team_id BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    acl_role_id TEXT REFERENCES acl_roles (id),
    PRIMARY KEY (environment_id, team_id)
);
CREATE INDEX environment_teams_by_team ON environment_teams (team_id);
CREATE INDEX environment_teams_by_acl_role ON environment_teams (acl_role_id);

-- What happened. account_id 0: the whole installation. Kept when the account is gone, so without foreign keys.

CREATE TABLE audit_heads (
    account_id BIGINT NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL,
    head_mac TEXT NOT NULL
);

CREATE TABLE audit (
    account_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    remote_addr TEXT NOT NULL,
    action TEXT NOT NULL,
    object_type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    object_name TEXT NOT NULL,
    before TEXT,
    after TEXT,
    request_id TEXT NOT NULL,
    environment_id BIGINT,
    mac TEXT NOT NULL,
    PRIMARY KEY (account_id, seq)
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_object ON audit (account_id, object_type, object_id);

CREATE TABLE events (
    seq BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT,
    environment_id BIGINT,
    credential_id TEXT,
    topic TEXT NOT NULL,
    object_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX events_by_time ON events (at);

-- Cloud credentials and their links. account_id NULL: of the whole installation, visible to all accounts.

CREATE TABLE cloud_credentials (
    id TEXT NOT NULL PRIMARY KEY,
    account_id BIGINT REFERENCES accounts (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    credentials_type TEXT NOT NULL,
    provider TEXT NOT NULL,
    status TEXT NOT NULL,
    config TEXT NOT NULL,
    audience TEXT NOT NULL,
    allowed_uses TEXT NOT NULL,
    secret_version BIGINT NOT NULL,
    details TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_validation_id TEXT
);
CREATE UNIQUE INDEX cloud_credentials_name ON cloud_credentials (coalesce(account_id, 0), name);

CREATE TABLE credential_uses (
    credential_id TEXT NOT NULL REFERENCES cloud_credentials (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    requester TEXT NOT NULL,
    count BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (credential_id, purpose, requester)
);

CREATE TABLE environment_clouds (
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    platform TEXT NOT NULL,
    credential_id TEXT NOT NULL REFERENCES cloud_credentials (id),
    status TEXT NOT NULL,
    auth_failing_since BIGINT,
    suspended_since BIGINT,
    reason TEXT,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, platform)
);
CREATE INDEX environment_clouds_by_credential ON environment_clouds (credential_id);

CREATE TABLE validations (
    id TEXT NOT NULL PRIMARY KEY,
    credential_id TEXT REFERENCES cloud_credentials (id) ON DELETE CASCADE,
    account_id BIGINT,
    requested_by TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX validations_by_credential ON validations (credential_id, started_at);

CREATE TABLE validation_checks (
    validation_id TEXT NOT NULL REFERENCES validations (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (validation_id, seq)
);

-- Inventory: what is found in the clouds.

CREATE TABLE cloud_locations (
    credential_id TEXT NOT NULL REFERENCES cloud_credentials (id) ON DELETE CASCADE,
    location_id TEXT NOT NULL,
    name TEXT NOT NULL,
    vcenter TEXT,
    position BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (credential_id, location_id)
);

CREATE TABLE sync_state (
    credential_id TEXT NOT NULL REFERENCES cloud_credentials (id) ON DELETE CASCADE,
    location_id TEXT NOT NULL,
    noun TEXT NOT NULL,
    observed_at BIGINT,
    source TEXT NOT NULL,
    hidden_count BIGINT NOT NULL,
    hidden_evidence TEXT,
    error TEXT,
    error_at BIGINT,
    n_items BIGINT NOT NULL,
    PRIMARY KEY (credential_id, location_id, noun)
);

CREATE TABLE syncs (
    id TEXT NOT NULL PRIMARY KEY,
    credential_id TEXT NOT NULL REFERENCES cloud_credentials (id) ON DELETE CASCADE,
    trigger TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    n_changes BIGINT NOT NULL,
    error TEXT
);
CREATE INDEX syncs_by_credential ON syncs (credential_id, started_at);

CREATE TABLE instance_types (
    credential_id TEXT NOT NULL REFERENCES cloud_credentials (id) ON DELETE CASCADE,
    location_id TEXT NOT NULL,
    cloud_id TEXT NOT NULL,
    name TEXT NOT NULL,
    vcpus BIGINT NOT NULL,
    memory_mib BIGINT NOT NULL,
    root_disk_gib BIGINT NOT NULL,
    ephemeral_disk_gib BIGINT NOT NULL,
    swap_mib BIGINT NOT NULL,
    is_public BOOLEAN NOT NULL,
    PRIMARY KEY (credential_id, location_id, cloud_id)
);

CREATE TABLE vmware_instance_types (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    memory_mib BIGINT NOT NULL,
    vcpus BIGINT NOT NULL,
    cores_per_socket BIGINT NOT NULL
);

-- content_hash is of everything the cloud said; a row with the same hash is not written again.
CREATE TABLE resources (
    credential_id TEXT NOT NULL REFERENCES cloud_credentials (id) ON DELETE CASCADE,
    location_id TEXT NOT NULL,
    noun TEXT NOT NULL,
    cloud_id TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT,
    parent TEXT,
    capacity_bytes BIGINT,
    free_bytes BIGINT,
    attributes TEXT NOT NULL,
    observed_at BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    sync_seq BIGINT NOT NULL,
    content_hash TEXT NOT NULL,
    PRIMARY KEY (credential_id, location_id, noun, cloud_id)
);
CREATE INDEX resources_by_name ON resources (credential_id, location_id, noun, name, cloud_id);

CREATE TABLE machines (
    credential_id TEXT NOT NULL REFERENCES cloud_credentials (id) ON DELETE CASCADE,
    location_id TEXT NOT NULL,
    cloud_id TEXT NOT NULL,
    instance_uuid TEXT,
    name TEXT NOT NULL,
    power_state TEXT NOT NULL,
    status TEXT NOT NULL,
    vcpus BIGINT,
    memory_mib BIGINT,
    instance_type TEXT,
    addresses TEXT NOT NULL,
    address_text TEXT NOT NULL,
    runs_on TEXT,
    attributes TEXT NOT NULL,
    created_at BIGINT,
    observed_at BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    sync_seq BIGINT NOT NULL,
    content_hash TEXT NOT NULL,
    PRIMARY KEY (credential_id, location_id, cloud_id)
);
CREATE INDEX machines_by_name ON machines (credential_id, location_id, name, cloud_id);
CREATE INDEX machines_by_power_state ON machines (credential_id, location_id, power_state, name, cloud_id);
