-- Who keeps a farm from being changed, why, and who may end that; as JSON, since nothing asks for its parts.
ALTER TABLE farms ADD COLUMN locked TEXT;
