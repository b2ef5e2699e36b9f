create schema if not exists character;

-- Who owns which friend. The unique key is what makes a grant happen once, whatever is delivered twice.
create table character.ownerships (
  id uuid primary key,
  user_id uuid not null,
  code text not null,
  -- The scan that earned it, or null for the one everybody begins with.
  source_id uuid,
  source text not null check (source in ('scan-reward', 'default-onboard')),
  acquired_at timestamptz not null default now(),
  unique (user_id, code)
);
