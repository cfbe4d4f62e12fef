-- Machines of a credential with the same identity, which a page of machines asks for.
CREATE INDEX machines_by_instance_uuid ON machines (credential_id, instance_uuid);
