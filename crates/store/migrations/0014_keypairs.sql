-- Keypairs are assets of a farm: one for each credential and location, until it is not wanted any more.
ALTER TABLE assets ADD COLUMN farm_id BIGINT;
CREATE INDEX assets_by_farm ON assets (farm_id);
CREATE UNIQUE INDEX assets_of_farm ON assets (farm_id, kind, credential_id, location_id)
    WHERE farm_id IS NOT NULL AND wanted = 'present';
