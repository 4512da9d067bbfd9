#!/bin/sh
# Writes a backup of the orders to the file given.
set -eu
pg_dump --format=custom --file="$1" "$DATABASE_URL"
