-- What an attempt has with its provider, and whose browser began it. Attempts live for minutes: those under way begin again.
delete from auth.oauth_states;
alter table auth.oauth_states
  -- Our callback, as the provider was told it.
  add column redirect_uri text not null,
  -- PKCE: the provider knows its hash.
  add column code_verifier text not null,
  add column nonce text not null,
  -- SHA-256 of the cookie that the browser got; another browser's callback is not this person's.
  add column browser_hash text not null;
