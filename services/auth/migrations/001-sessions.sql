create schema if not exists auth;

-- A sign-in that was begun. Taking it (delete … returning) is what makes a state good for one callback only.
create table auth.oauth_states (
  state text primary key,
  provider text not null,
  -- Where the person goes afterwards; checked against the allow-list before it is written here.
  return_to text not null,
  device_id text,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index oauth_states_expiry on auth.oauth_states (expires_at);

-- Codes of the local identity, each bound to the sign-in it was given out for and good once.
create table auth.local_codes (
  code text primary key,
  state text not null,
  name text not null,
  expires_at timestamptz not null
);

-- A session is a family of tokens: it ends as a whole.
create table auth.sessions (
  id uuid primary key,
  user_id uuid not null,
  provider text not null,
  device_id text,
  created_at timestamptz not null default now(),
  refreshed_at timestamptz not null default now(),
  -- When the newest refresh token runs out.
  expires_at timestamptz not null,
  -- When the last of its access tokens runs out: until then a revocation has to be remembered everywhere.
  access_expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_for text check (revoked_for in ('logout', 'reuse', 'user_gone')),
  check ((revoked_at is null) = (revoked_for is null))
);
create index sessions_user on auth.sessions (user_id);
create index sessions_expiry on auth.sessions (expires_at);
create index sessions_revoked on auth.sessions (access_expires_at) where revoked_at is not null;

-- Every refresh token that was given out; a used one that comes back betrays a thief.
create table auth.refresh_tokens (
  id uuid primary key,
  session_id uuid not null references auth.sessions on delete cascade,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index refresh_tokens_session on auth.refresh_tokens (session_id);
create index refresh_tokens_expiry on auth.refresh_tokens (expires_at);

create table auth.login_audits (
  id bigint generated always as identity primary key,
  happened_at timestamptz not null default now(),
  event text not null check (event in ('signed_in', 'sign_in_failed', 'signed_out', 'refresh_reused', 'user_gone')),
  provider text not null,
  user_id uuid,
  session_id uuid,
  -- Code of the failure.
  reason text
);
create index login_audits_user on auth.login_audits (user_id, happened_at);
create index login_audits_time on auth.login_audits (happened_at);
