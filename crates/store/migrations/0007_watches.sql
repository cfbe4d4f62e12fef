-- Who watches the machines of a cloud location through a credential. whole_at: since when nothing there changes without
-- being noticed; null before all was read, and after the watch broke.
CREATE TABLE watches (
    account_id BIGINT NOT NULL,
    credential_id TEXT NOT NULL,
    location_id TEXT NOT NULL,
    holder TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    whole_at BIGINT,
    alive_at BIGINT,
    PRIMARY KEY (account_id, credential_id, location_id)
);

-- How observed_at came to be: read, watch.
ALTER TABLE servers ADD COLUMN observed_by TEXT;
CREATE INDEX servers_by_cloud_id ON servers (cloud_id);
-- Holds all that tells which locations are to be watched.
CREATE INDEX servers_by_place ON servers (credential_id, location_id, environment_id, status);
DROP INDEX servers_by_credential;
