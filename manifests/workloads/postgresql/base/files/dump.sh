#!/bin/sh
# A backup that was not read back is none: the dump is listed in full before it counts.
set -eu
pg_dump --format=custom --file=/backup/ecoeco.dump
pg_restore --list /backup/ecoeco.dump >/dev/null
