-- When was this file delivered? Asked of each transfer in turn: by the destination the receipts lie in order already.
CREATE INDEX receipt_by_source ON receipt (transfer, source);

-- What was said of the files that lie here?
CREATE INDEX mark_by_destination ON mark (destination_space, destination);
