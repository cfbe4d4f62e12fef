-- Which control planes run on this database, so that runs of one that died are told from those of the others.
-- seen_at: its last sign of life. Those that stop delete their row.
CREATE TABLE control_planes (
    id TEXT NOT NULL PRIMARY KEY,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

-- The control plane that runs it. NULL: of a program that did not write it down.
ALTER TABLE validations ADD COLUMN run_by TEXT;
ALTER TABLE syncs ADD COLUMN run_by TEXT;
