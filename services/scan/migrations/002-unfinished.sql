-- The minute's look for stuck scans reads what is under way, not all that ever was.
create index jobs_unfinished on scan.jobs (created_at) where state not in ('done', 'failed');
