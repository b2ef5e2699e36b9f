create schema if not exists scan;

-- One row is one scan; `state` is the last stage that finished, and its results are what the row holds.
create table scan.jobs (
  id uuid primary key,
  user_id uuid not null,
  idempotency_key text,
  -- SHA-256 of the request: the same key with another body is refused.
  request_hash text not null,
  image_key text,
  user_input text not null default '',
  model text,
  state text not null default 'queued' check (state in ('queued', 'classified', 'ruled', 'answered', 'done', 'failed')),
  -- The state in which a failed scan got stuck, so that a replayed message can go on from there.
  failed_in text,
  failure text,
  sighting jsonb,
  facts jsonb,
  answer jsonb,
  reward jsonb,
  -- stage → engine and prompt that made its result
  provenance jsonb not null default '{}',
  knowledge_version text,
  created_at timestamptz(3) not null default now(),
  classified_at timestamptz(3),
  ruled_at timestamptz(3),
  answered_at timestamptz(3),
  finished_at timestamptz(3),
  unique (user_id, idempotency_key)
);

create index jobs_of_user on scan.jobs (user_id, created_at desc);
create index jobs_by_age on scan.jobs (created_at);
