-- Lists of servers: their number without counting, and the orders and filters that would else read all of them.
ALTER TABLE environments ADD COLUMN n_servers BIGINT NOT NULL DEFAULT 0;
UPDATE environments SET n_servers = (SELECT count(*) FROM servers WHERE servers.environment_id = environments.id);

CREATE INDEX servers_by_status ON servers (environment_id, status, id);
CREATE INDEX servers_by_position ON servers (environment_id, position, id);
CREATE INDEX servers_sorted_by_farm ON servers (environment_id, farm_id, id);
CREATE INDEX servers_sorted_by_farm_role ON servers (environment_id, farm_role_id, id);

-- With all that a page of a farm needs to be found and put in order.
DROP INDEX servers_by_farm;
CREATE INDEX servers_by_farm ON servers (farm_id, status, id, environment_id, position);
DROP INDEX servers_by_farm_role;
CREATE INDEX servers_by_farm_role ON servers (farm_role_id, status, id, environment_id, position);
