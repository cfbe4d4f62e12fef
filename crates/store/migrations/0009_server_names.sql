-- The name of the specification, so that servers can be found and sorted by it; of those that are there it is written at the
-- next look.
ALTER TABLE servers ADD COLUMN name TEXT NOT NULL DEFAULT '';
CREATE INDEX servers_by_name ON servers (environment_id, name, id);
CREATE INDEX servers_by_age ON servers (environment_id, created_at, id);
