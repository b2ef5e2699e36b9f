create schema if not exists images;

-- Every key ever given out, from its reservation to the removal of its picture.
create table images.uploads (
  key text primary key,
  channel text not null,
  uploader_id uuid not null,
  -- The content type that the uploader has to send, as signed into the address.
  declared_type text not null,
  -- What the bytes have to be; differs where the uploader did not know.
  content_type text not null,
  metadata jsonb not null default '{}',
  -- reserved: no checked bytes yet; stored: checked and stripped; removing: its object is being deleted, then the row.
  state text not null default 'reserved' check (state in ('reserved', 'stored', 'removing')),
  etag text,
  size_bytes integer,
  width integer,
  height integer,
  created_at timestamptz not null default now(),
  upload_until timestamptz not null,
  stored_at timestamptz,
  check (state <> 'stored' or (etag is not null and stored_at is not null))
);

create index uploads_open on images.uploads (upload_until) where state = 'reserved';
create index uploads_age on images.uploads (created_at);
create index uploads_removing on images.uploads (key) where state = 'removing';
-- Everything of one person: export and erasure.
create index uploads_uploader on images.uploads (uploader_id);
