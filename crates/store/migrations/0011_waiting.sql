-- What a server that is on waits for before it is said to run: {for, since, until, lastError}, as the API tells it.
ALTER TABLE servers ADD COLUMN waiting TEXT;
