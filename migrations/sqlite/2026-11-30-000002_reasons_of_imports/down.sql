ALTER TABLE imports DROP COLUMN reason;
