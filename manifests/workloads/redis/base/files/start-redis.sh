#!/bin/sh
# Starts Redis as the master or as a replica of it. The Sentinels know who is master; where none answers yet, the first pod is.
set -eu
pod=$(hostname)
set_of_pods=${pod%-*}
me=$pod.$NODES
ask() { redis-cli -h "$1" -p 26379 -a "$REDIS_PASSWORD" --no-auth-warning -t 2 sentinel get-master-addr-by-name house 2>/dev/null | head -n 1; }
master=
number=0
while [ "$number" -lt "$REPLICAS" ]; do
  other=$set_of_pods-$number.$NODES
  number=$((number + 1))
  if [ "$other" = "$me" ]; then continue; fi
  master=$(ask "$other" || true)
  if [ -n "$master" ]; then break; fi
done
: "${master:=$set_of_pods-0.$NODES}"
{
  cat /files/redis.conf
  printf 'requirepass "%s"\nmasterauth "%s"\n' "$REDIS_PASSWORD" "$REDIS_PASSWORD"
  printf 'replica-announce-ip %s\n' "$me"
  if [ "$master" != "$me" ]; then printf 'replicaof %s 6379\n' "$master"; fi
} >/run/redis/redis.conf
exec redis-server /run/redis/redis.conf
