-- When the message of a scan was sent once more because its queue was lost; several processes notice that at the same time.
alter table scan.jobs add column resent_at timestamptz(3);
