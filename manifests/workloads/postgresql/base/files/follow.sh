#!/bin/sh
# The standby's first start: a copy of the primary that goes on following it. A folder that holds a database is left as it is.
set -eu
if [ -s "$PGDATA/PG_VERSION" ]; then exit 0; fi
copy() { pg_basebackup --host="$PRIMARY" --username=replicator --pgdata="$PGDATA" --wal-method=stream --write-recovery-conf --slot=standby "$@"; }
# The slot is there already when a standby is made anew.
copy --create-slot || { rm -rf "${PGDATA:?}"; copy; }
