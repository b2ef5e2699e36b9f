-- The outbox is written in the transaction that changes the state, so a message exists exactly when the change does.
create schema if not exists messages;

create table messages.outbox (
  seq bigint generated always as identity primary key,
  id uuid not null unique,
  channel text not null,
  version integer not null,
  message jsonb not null,
  headers jsonb not null default '{}',
  created_at timestamptz not null default now()
);

-- The embedded carrier's queues: one row for each consumer and message until it is acknowledged.
create table messages.deliveries (
  seq bigint generated always as identity primary key,
  queue text not null,
  id uuid not null,
  channel text not null,
  version integer not null,
  message jsonb not null,
  headers jsonb not null default '{}',
  created_at timestamptz not null,
  -- Failures that a handler reported; decides the step of the retry ladder.
  failures integer not null default 0,
  -- Handings-over without any word since: what a message that kills the process leaves behind.
  unanswered integer not null default 0,
  due_at timestamptz not null default now(),
  dead_at timestamptz,
  reason text,
  unique (queue, id)
);

create index deliveries_due on messages.deliveries (queue, due_at, seq) where dead_at is null;
