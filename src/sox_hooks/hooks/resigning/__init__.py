"""New records for commits that were made already: what `sox-hooks resign` does."""
