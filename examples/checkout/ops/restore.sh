#!/bin/sh
# Restores the backup in the first file into the database that the second names.
set -eu
pg_restore --clean --if-exists --dbname="$2" "$1"
