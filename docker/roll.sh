#!/bin/sh
# roll.sh SERVICE: containers of the new image beside the old ones, and only once they are healthy
# the old ones go. Nobody waits for `web` meanwhile. Run beside docker-compose.yml; COMPOSE_FILE
# names further files.
set -eu
service=$1
patience=${ROLL_SECONDS:-180}
# As long as the proxy takes to know of the new ones.
settle=${ROLL_SETTLE:-15}

old=$(docker compose ps --quiet "$service")
count=$(echo "$old" | grep -c . || true)
[ "$count" -gt 0 ] || { echo "roll: no container of $service runs" >&2; exit 1; }
docker compose up --detach --no-deps --no-recreate --scale "$service=$((2 * count))" "$service"
new=$(docker compose ps --quiet "$service" | grep -vxF "$old")

for container in $new; do
  waited=0
  while [ "$(docker inspect --format '{{.State.Health.Status}}' "$container")" != healthy ]; do
    if [ "$waited" -ge "$patience" ]; then
      echo "roll: $container is not healthy after $patience seconds; the old ones stay" >&2
      docker rm --force $new
      exit 1
    fi
    sleep 1
    waited=$((waited + 1))
  done
done
sleep "$settle"
docker stop --time 60 $old
docker rm $old
echo "roll: $service runs $count new"
