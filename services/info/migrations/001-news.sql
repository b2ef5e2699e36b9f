create schema if not exists info;

create table info.articles (
  id text primary key,
  url text not null unique,
  -- The title without spaces and signs: the same report comes over several sources.
  title_key text not null,
  title text not null,
  snippet text not null,
  source text not null check (source in ('naver', 'newsdata', 'rss')),
  source_name text not null,
  category text not null check (category in ('environment', 'energy', 'ai')),
  -- Milliseconds, as cursors carry them.
  published_at timestamptz(3) not null,
  thumbnail_url text,
  source_icon_url text,
  video_url text,
  keywords text[],
  ai_tag text,
  collected_at timestamptz not null default now()
);
create index articles_newest on info.articles (published_at desc, id desc);
create index articles_by_category on info.articles (category, published_at desc, id desc);
create index articles_by_title on info.articles (title_key, published_at);

-- One row a source: whoever moves due_at on collects it, so that of many processes one does.
create table info.collections (
  source text primary key,
  due_at timestamptz not null,
  -- Calls of this day in Korea, against the source's daily limit.
  day date not null,
  calls integer not null,
  succeeded_at timestamptz,
  trouble text
);
