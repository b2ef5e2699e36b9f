create schema if not exists users;

create table users.accounts (
  id uuid primary key,
  -- What the person is called in the app; theirs to change, so a later sign-in leaves it alone.
  nickname text not null check (nickname <> ''),
  -- The rest is what the provider last said.
  name text,
  email text,
  image text,
  phone_number text,
  created_at timestamptz not null default now(),
  last_login_at timestamptz not null default now()
);

create table users.social_accounts (
  provider text not null,
  provider_user_id text not null,
  -- Deferred: the identity is taken first, which settles the race of two first sign-ins, and its account is written after it.
  account_id uuid not null references users.accounts on delete cascade deferrable initially deferred,
  created_at timestamptz not null default now(),
  last_login_at timestamptz not null default now(),
  primary key (provider, provider_user_id)
);
create index social_accounts_account on users.social_accounts (account_id);
