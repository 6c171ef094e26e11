-- Where the files of a run come from, as a path within the source's space; NULL where nobody wrote it down.
ALTER TABLE transfer ADD COLUMN source_path BLOB;
