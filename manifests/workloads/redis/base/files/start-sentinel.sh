#!/bin/sh
# Starts this pod's Sentinel. What it learns stays on the volume, so that a restart does not forget who is master.
set -eu
pod=$(hostname)
me=$pod.$NODES
config=/data/sentinel.conf
if [ ! -s "$config" ]; then
  {
    printf 'port 26379\ndir /tmp\n'
    printf 'sentinel resolve-hostnames yes\nsentinel announce-hostnames yes\nsentinel announce-ip %s\n' "$me"
    printf 'sentinel monitor house %s 6379 %s\n' "${pod%-*}-0.$NODES" "$QUORUM"
    printf 'sentinel down-after-milliseconds house 5000\nsentinel failover-timeout house 30000\nsentinel parallel-syncs house 1\n'
  } >"$config"
fi
# The password may be a new one.
sed -i '/^requirepass /d; /^sentinel auth-pass /d; /^sentinel sentinel-pass /d' "$config"
printf 'requirepass "%s"\nsentinel sentinel-pass "%s"\nsentinel auth-pass house "%s"\n' "$REDIS_PASSWORD" "$REDIS_PASSWORD" "$REDIS_PASSWORD" >>"$config"
exec redis-sentinel "$config"
