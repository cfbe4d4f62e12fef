-- How many rows each list of the inventory has, kept in the transactions that change them: counting a hundred thousand
-- for every page of a list takes longer than reading the page.
CREATE TABLE list_sizes (
    credential_id TEXT NOT NULL REFERENCES cloud_credentials (id) ON DELETE CASCADE,
    location_id TEXT NOT NULL,
    -- A noun of the inventory, or machines.
    noun TEXT NOT NULL,
    n_rows BIGINT NOT NULL,
    PRIMARY KEY (credential_id, location_id, noun)
);
INSERT INTO list_sizes (credential_id, location_id, noun, n_rows)
    SELECT credential_id, location_id, 'machines', count(*) FROM machines GROUP BY credential_id, location_id;
INSERT INTO list_sizes (credential_id, location_id, noun, n_rows)
    SELECT credential_id, location_id, noun, count(*) FROM resources GROUP BY credential_id, location_id, noun;
