-- What a user asked of one server besides its power: resize, snapshot, disks, volumes, floating IPs. A row is the promise:
-- what an operation makes in a cloud carries its id. operation: kind and parameters; instance_type_id: of a resize, what
-- the server's is to be.
CREATE TABLE server_operations (
    id TEXT NOT NULL PRIMARY KEY,
    server_id TEXT NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    kind TEXT NOT NULL,
    operation TEXT NOT NULL,
    instance_type_id TEXT,
    requested_by_id BIGINT NOT NULL,
    requested_by_email TEXT NOT NULL,
    created_at BIGINT NOT NULL,

    status TEXT NOT NULL,
    started_at BIGINT,
    cloud_order TEXT,
    cloud_result TEXT,
    failure TEXT,
    ended_at BIGINT
);
CREATE INDEX server_operations_by_server ON server_operations (server_id, id);
CREATE INDEX server_operations_unfinished ON server_operations (environment_id) WHERE ended_at IS NULL;
