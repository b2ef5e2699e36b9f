-- Pieces of the answer that were told while it is being written: a later try goes on behind them.
alter table chat.turns add column told jsonb not null default '[]';
