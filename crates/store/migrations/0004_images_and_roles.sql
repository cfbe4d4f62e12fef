-- Images, role categories and roles. Where they belong: account_id and environment_id both NULL, the installation; only
-- environment_id NULL, the account; else the environment.
CREATE TABLE images (
    id TEXT NOT NULL PRIMARY KEY,
    account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
    environment_id BIGINT REFERENCES environments (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    platform TEXT NOT NULL,
    location_id TEXT NOT NULL,
    cloud_image_id TEXT NOT NULL,
    architecture TEXT NOT NULL,
    os_id TEXT NOT NULL,
    size_gib BIGINT,
    vcenter TEXT,
    has_cloud_init BOOLEAN NOT NULL,
    has_agent BOOLEAN NOT NULL,
    deprecated BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE UNIQUE INDEX images_of_cloud ON images
    (platform, location_id, cloud_image_id, coalesce(account_id, 0), coalesce(environment_id, 0));
CREATE INDEX images_by_scope ON images (account_id, environment_id);
CREATE INDEX images_by_environment ON images (environment_id);

CREATE TABLE role_categories (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
    environment_id BIGINT REFERENCES environments (id) ON DELETE CASCADE,
    name TEXT NOT NULL
);
CREATE UNIQUE INDEX role_categories_name ON role_categories
    (name, coalesce(account_id, 0), coalesce(environment_id, 0));
CREATE INDEX role_categories_by_scope ON role_categories (account_id, environment_id);
CREATE INDEX role_categories_by_environment ON role_categories (environment_id);

INSERT INTO role_categories (id, name) VALUES
    (1, 'Base'), (2, 'Application servers'), (3, 'Cache servers'), (4, 'Database servers'), (5, 'Load balancers'),
    (6, 'Message queues'), (7, 'Web servers'), (8, 'Mixed');
INSERT INTO counters (name, next) VALUES ('role_categories', 9);

CREATE TABLE roles (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
    environment_id BIGINT REFERENCES environments (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    category_id BIGINT NOT NULL REFERENCES role_categories (id),
    os_id TEXT NOT NULL,
    description TEXT NOT NULL,
    tags TEXT NOT NULL,
    builtin_automation TEXT NOT NULL,
    -- NULL: in use as ever.
    deprecated_at BIGINT,
    deprecation_message TEXT,
    -- Deferred: a backup brings a role before the one that replaces it.
    replacement_id BIGINT REFERENCES roles (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX roles_name ON roles (name, coalesce(account_id, 0), coalesce(environment_id, 0));
CREATE INDEX roles_by_scope ON roles (account_id, environment_id);
CREATE INDEX roles_by_environment ON roles (environment_id);
CREATE INDEX roles_by_category ON roles (category_id);
CREATE INDEX roles_by_replacement ON roles (replacement_id);

-- Platform and location are the image's, so that a role has one image at most in each.
CREATE TABLE role_images (
    role_id BIGINT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    platform TEXT NOT NULL,
    location_id TEXT NOT NULL,
    image_id TEXT NOT NULL REFERENCES images (id),
    PRIMARY KEY (role_id, platform, location_id)
);
CREATE INDEX role_images_by_image ON role_images (image_id);
