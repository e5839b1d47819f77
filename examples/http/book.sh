#!/bin/sh
# Books a room with curl: examples/http/book.sh [URL], with `pesan serve` at URL.
set -eu
at=${1:-http://127.0.0.1:8080}/v1
send() { # PATH KEY BODY: the same key again, as often as it takes, has the outcome of the first
  curl -sS --retry 8 --retry-all-errors --max-time 30 -H "Idempotency-Key: $2" --json "$3" "$at$1"
}
key() { cat /proc/sys/kernel/random/uuid; }
send /rooms "$(key)" '{"resource":"curl-villa","name":"Villa","units":3,"inventory":"nightly"}' >&2
stay="\"check_in\":\"$(date -d +30days +%F)\",\"check_out\":\"$(date -d +32days +%F)\""
stay="\"resource\":\"curl-villa\",$stay,\"customer\":{\"name\":\"Budi\"}"
made=$(send /bookings "$(key)" "{$stay}")
case $made in *'"booking_id":"'*) ;; *) echo "$made" >&2; exit 1 ;; esac
id=${made#*'"booking_id":"'}
curl -sS --fail-with-body "$at/bookings/${id%%\"*}"
