create schema if not exists chat;

create table chat.chats (
  id uuid primary key,
  user_id uuid not null,
  title text,
  preview text,
  message_count integer not null default 0,
  last_message_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  -- Hidden from its owner at once; the row goes with the clean-up.
  deleted_at timestamptz(3)
);
create index chats_of_user on chat.chats (user_id, (coalesce(last_message_at, created_at)) desc, id desc) where deleted_at is null;

create table chat.messages (
  id uuid primary key,
  chat_id uuid not null references chat.chats (id) on delete cascade,
  role text not null check (role in ('user', 'assistant')),
  content text not null,
  image_url text,
  intent text,
  metadata jsonb,
  created_at timestamptz(3) not null
);
create index messages_of_chat on chat.messages (chat_id, created_at desc, id desc);

-- One row is one turn: a message of the person and the answer to it. `state` is the last stage that finished.
create table chat.turns (
  id uuid primary key,
  -- Turns of one chat are worked on one after the other, in this order.
  place bigint generated always as identity,
  chat_id uuid not null references chat.chats (id) on delete cascade,
  user_id uuid not null,
  message text not null,
  image_key text,
  image_url text,
  location jsonb,
  model text,
  user_message_id uuid not null,
  assistant_message_id uuid not null,
  -- waiting: an earlier turn of the chat is not over yet.
  state text not null check (state in ('waiting', 'queued', 'gathered', 'done', 'failed', 'cancelled')),
  failed_in text,
  failure text,
  -- What was understood and found; a later try begins from it.
  findings jsonb,
  reply jsonb,
  created_at timestamptz(3) not null default now(),
  gathered_at timestamptz(3),
  finished_at timestamptz(3)
);
create index turns_of_chat on chat.turns (chat_id, place);
create index turns_unfinished on chat.turns (user_id) where state in ('waiting', 'queued', 'gathered');
create index turns_by_age on chat.turns (created_at);
