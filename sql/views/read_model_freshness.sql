-- How fresh the rows are: every event of a partition up to this sequence is in them, and it was
-- decided at updated_at (UTC). is_frozen: a rebuild is about to swap the tables.
CREATE VIEW read_model_freshness AS
SELECT projection_checkpoint.topic,
       projection_checkpoint.`partition`,
       projection_checkpoint.sequence,
       projection_checkpoint.next_offset,
       projection_checkpoint.updated_at,
       projection_checkpoint.fold < 0 AS is_frozen,
       projection_checkpoint.log_id
FROM projection_checkpoint
WHERE projection_checkpoint.projection = 'tables'
