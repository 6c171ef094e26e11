-- Why the bytes went the way they did: a RouteReason; 0 where nobody wrote it down.
ALTER TABLE receipt ADD COLUMN route_reason INTEGER NOT NULL DEFAULT 0;
