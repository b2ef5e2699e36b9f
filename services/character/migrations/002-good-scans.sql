-- Scans with nothing left to do, one row each: the days in a row that a person can be proud of.
create table character.good_scans (
  scan_id uuid primary key,
  user_id uuid not null,
  -- The day in Korea, as the person lived it.
  day date not null default (now() at time zone 'Asia/Seoul')::date
);
create index good_scans_by_user on character.good_scans (user_id, day);
