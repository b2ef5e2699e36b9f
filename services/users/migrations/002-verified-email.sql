-- The provider has seen that the address is the person's: only then are accounts joined by it.
alter table users.accounts add column email_verified boolean not null default false;
create index accounts_verified_email on users.accounts (lower(email)) where email_verified;
