#!/usr/bin/env bash
# Start the image as docker-compose.yml does and wait until it is ready.
set -euo pipefail
cd "$(dirname "$0")/.."

cat >.env <<EOF
SECRET_KEY=$(openssl rand -base64 48)
POSTGRES_PASSWORD=$(openssl rand -hex 16)
ALLOWED_HOSTS=localhost,127.0.0.1
EOF
trap 'docker compose logs --tail 100; docker compose down --volumes' EXIT

docker compose up --detach --no-build --wait --wait-timeout 180
curl --fail --silent --show-error --retry 30 --retry-delay 2 --retry-all-errors http://127.0.0.1:8000/health/ready
curl --fail --silent --show-error --output /dev/null --header "X-Forwarded-Proto: https" http://127.0.0.1:8000/login
