-- Who may do what in PostgreSQL. Run after every sync and changing nothing that is already so: a new password in Parameter Store
-- becomes the role's, a role or grant that is missing is made.
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
\getenv replication_password REPLICATION_PASSWORD
\getenv monitor_password MONITOR_PASSWORD

select format('create role %I', name)
from unnest(array['eco2_owner', 'eco2_app', 'replicator', 'monitor']) as name
where not exists (select from pg_roles where rolname = name)
\gexec

-- eco2_owner makes and changes tables (migrations); eco2_app reads and writes rows (every process of the house).
alter role eco2_owner login nosuperuser nocreaterole nocreatedb password :'owner_password';
alter role eco2_app login nosuperuser nocreaterole nocreatedb password :'app_password';
alter role replicator login replication nosuperuser nocreaterole nocreatedb password :'replication_password';
alter role monitor login nosuperuser nocreaterole nocreatedb password :'monitor_password';
grant pg_monitor to monitor;
-- The backup reads everything and changes nothing.
grant pg_read_all_data to replicator;

select 'create database ecoeco owner eco2_owner'
where not exists (select from pg_database where datname = 'ecoeco')
\gexec

revoke all on database ecoeco from public;
grant connect on database ecoeco to eco2_app, monitor, replicator;
\connect ecoeco
revoke all on schema public from public;

-- What migrations will make …
alter default privileges for role eco2_owner grant usage on schemas to eco2_app;
alter default privileges for role eco2_owner grant select, insert, update, delete on tables to eco2_app;
alter default privileges for role eco2_owner grant usage on sequences to eco2_app;
-- … and what they made before these lines were here.
select format('grant usage on schema %1$I to eco2_app; grant select, insert, update, delete on all tables in schema %1$I to eco2_app; grant usage on all sequences in schema %1$I to eco2_app', nspname)
from pg_namespace join pg_roles on pg_roles.oid = nspowner
where rolname = 'eco2_owner'
\gexec
