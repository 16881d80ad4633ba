-- Why nothing of an import was saved; NULL until it has ended, and when it was saved.
ALTER TABLE imports ADD COLUMN reason TEXT
    CONSTRAINT imports_reason_is_known
    CHECK (reason IN ('cancelled', 'name_taken', 'no_room', 'given_up', 'failed'));
