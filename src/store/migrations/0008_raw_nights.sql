-- When a raw file was deleted to keep to [storage]: whoever looks for it is told so.
ALTER TABLE segments ADD COLUMN deleted_at BIGINT;
