-- What is charged to whom, as the original has it: environments have a cost center, farms a project of one.
CREATE TABLE cost_centers (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    billing_code TEXT NOT NULL,
    lead_email TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Of the installation, of an account, or of an environment.
CREATE TABLE projects (
    id TEXT NOT NULL PRIMARY KEY,
    account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
    environment_id BIGINT REFERENCES environments (id) ON DELETE CASCADE,
    cost_center_id TEXT NOT NULL REFERENCES cost_centers (id),
    name TEXT NOT NULL,
    billing_code TEXT NOT NULL,
    lead_email TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX projects_by_scope ON projects (account_id, environment_id);
CREATE INDEX projects_by_cost_center ON projects (cost_center_id);

ALTER TABLE environments ADD COLUMN cost_center_id TEXT REFERENCES cost_centers (id);
ALTER TABLE farms ADD COLUMN project_id TEXT REFERENCES projects (id);
CREATE INDEX farms_by_project ON farms (project_id);
