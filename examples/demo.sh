#!/bin/sh
# Three small businesses on pesan, in under a minute: examples/demo.sh PROGRAM (./dev demo builds
# it first). Each step says what it proves, and ends the demo with exit code 1 where it does not.
# Everything lives in a temporary folder, which goes at the end; with --keep it stays.
set -eu

program=${1:?usage: examples/demo.sh PROGRAM [--keep]}
keep=${2:-}
case $program in */*) ;; *) program=$(command -v "$program") ;; esac
folder=$(mktemp -d "${TMPDIR:-/tmp}/pesan-demo.XXXXXX")
running=
# shellcheck disable=SC2317 # called by the trap
clean_up() {
  [ -z "$running" ] || kill -9 "$running" 2>/dev/null || true
  [ -n "$keep" ] || rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

for name in $(env | sed -n 's/^\(PESAN_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
PESAN_LOG=sqlite:$folder/log.db
PESAN_STORE=sqlite:$folder/read.db
export PESAN_LOG PESAN_STORE
commands=$folder/commands.jsonl
notes=$folder/notes
answers=$folder/answers.jsonl

# --- how it looks ---------------------------------------------------------------------------------

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m')
  green=$(printf '\033[32m') yellow=$(printf '\033[33m') red=$(printf '\033[31m')
else
  bold='' dim='' plain='' green='' yellow='' red=''
fi

step() { printf '\n%s%s%s\n%s\n' "$bold" "$1" "$plain" "$2"; }
shows() { printf '\n%s$ pesan %s%s\n' "$dim" "$*" "$plain"; "$program" "$@" 2>/dev/null; }
proven() { printf '%s  ok  %s%s\n' "$green" "$plain" "$1"; }
failed() { printf '%s  NOT SO: %s%s\n' "$red" "$1" "$plain"; exit 1; }
day() { TZ=Asia/Jakarta date -d "+$1 days" +%F; }

# --- saying things to pesan -----------------------------------------------------------------------

# line ID KIND:WHO TYPE RESOURCE [MEMBERS]: a command as JSON
line() {
  printf '{"specversion":"1.0","id":"%s","source":"/demo","type":"%s","data":' "$1" "$3"
  printf '{"resource":"%s","actor":{"type":"%s","id":"%s"}%s}}\n' \
    "$4" "${2%%:*}" "${2#*:}" "${5:+,$5}"
}

sent=0
# say NOTE KIND:WHO TYPE RESOURCE [MEMBERS]: one more line for the next `answer`
say() {
  sent=$((sent + 1))
  printf '%s\n' "$1" >>"$notes"
  line "demo-$sent" "$2" "$3" "$4" "${5:-}" >>"$commands"
}

# Sends what was said, and prints each note with its answer.
answer() {
  "$program" apply "$commands" >"$answers" 2>"$folder/apply.err" ||
    { cat "$folder/apply.err" >&2; failed "apply said no"; }
  printf '\n%s$ pesan apply commands.jsonl%s\n' "$dim" "$plain"
  outcomes <"$answers" | paste -d '|' "$notes" - |
    while IFS='|' read -r note outcome booking; do
      case $outcome in accepted*) colour=$green ;; *) colour=$yellow ;; esac
      printf '  %-52s %s%s%s%s\n' "$note" "$colour" "$outcome" "$plain" "${booking:+  $booking}"
    done
  mv "$commands" "$folder/sent.jsonl"
  rm "$notes"
}

# Result lines as `accepted|villa.1` or `capacity_exceeded|`
outcomes() {
  sed -n 's/.*"type":"Command\([A-Za-z]*\)".*"data":{\(.*\)}}*$/\1 \2/p' |
    awk '{
      outcome = "accepted"; booking = ""
      if (match($0, /"code":"[^"]*"/)) outcome = substr($0, RSTART + 8, RLENGTH - 9)
      else if (match($0, /"booking_id":"[^"]*"/)) booking = substr($0, RSTART + 14, RLENGTH - 15)
      if (/"duplicate":true/) outcome = outcome ", again"
      print outcome "|" booking
    }'
}

guest() { printf '"customer":{"name":"%s","phone":"%s"}' "$1" "$2"; }
stay() { printf '"check_in":"%s","check_out":"%s"' "$(day "$1")" "$(day "$2")"; }

# --------------------------------------------------------------------------------------------------

began=$(date +%s)
printf '%spesan%s: commands go in, each is decided once, events come out, tables follow.\n' \
  "$bold" "$plain"
printf 'What follows is real and lives in %s\n' "$folder"

step '1. One line of curl' \
  'pesan serve is all there is to start: log, tables and HTTP in one process.'
serve() { # the address that it is to have: the first time any, then the same again
  "$program" serve --http "$1" >"$folder/serve.log" 2>&1 &
  running=$!
  until grep -q ' ready$' "$folder/serve.log"; do
    kill -0 "$running" 2>/dev/null || { cat "$folder/serve.log"; failed 'serve did not start'; }
    sleep 0.02
  done
}
# post NAME PATH KEY BODY: the same key until there is an answer; status and body into files NAME
post() {
  curl -sS --retry 20 --retry-delay 1 --retry-all-errors --max-time 30 \
    -H "Idempotency-Key: $3" --json "$4" -o "$folder/$1.json" -w '%{http_code}\n' \
    "http://$address/v1/$2" >"$folder/$1.status" 2>>"$folder/curl.log" ||
    { cat "$folder/curl.log"; failed 'no answer'; }
}
posts() { # the same, to be seen
  printf '\n%s$ curl .../v1/%s -H "Idempotency-Key: %s" --json %s%s\n' "$dim" "$2" "$3" "'$4'" \
    "$plain"
  post "$@"
  printf '  %s  ' "$(cat "$folder/$1.status")"
  sed 's/{"command":{[^}]*},//' "$folder/$1.json"
  printf '\n'
}
serve 127.0.0.1:0
address=$(sed -n 's|.*HTTP at http://\([^/]*\)/v1$|\1|p' "$folder/serve.log")
posts warung rooms open \
  '{"resource":"warung","name":"Kamar Warung","units":1,"inventory":"nightly"}'
stays="{\"resource\":\"warung\",\"status\":\"confirmed\",$(stay 1 3),$(guest Made 0817-777-888)}"
posts first bookings made-1 "$stays"
posts again bookings made-1 "$stays"
[ "$(cat "$folder/first.status")" = 201 ] || failed 'it was not booked'
[ "$(sed 's/,"duplicate":true//' "$folder/again.json")" = "$(cat "$folder/first.json")" ] ||
  failed 'another answer under the same key'
proven 'sent twice under one key, booked once: the second answer is the first one'
kill "$running"
wait "$running" || failed 'serve did not stop cleanly'
running=

step '2. A villa, a photo studio and a pet salon open' \
  'A command is a line of JSON. No schema to design, no server to install.'
owner=admin:ibu-sari
say 'Villa Melati: 3 villas at Rp 850.000 a night' $owner DefineRoom villa-melati \
  '"name":"Villa Melati","units":3,"inventory":"nightly","nightly_price_minor":85000000'
say 'Studio Cahaya: whoever pays holds the slot' $owner DefineService studio-cahaya \
  '"name":"Studio Cahaya","price_minor":25000000,"duration_minutes":60,"occupancy":"on_payment"'
slot() { printf '"schedule_id":"%s","date":"%s","start":"%s","end":"%s","capacity":%d' "$@"; }
say '  one group from 10:00 to 11:00' $owner AddSchedule studio-cahaya \
  "$(slot pagi "$(day 7)" 10:00 11:00 1)"
say 'Salon Mochi grooms dogs and cats' $owner DefineService salon-mochi \
  '"name":"Salon Mochi","price_minor":15000000,"duration_minutes":90'
say '  two places from 09:00 to 12:00' $owner AddSchedule salon-mochi \
  "$(slot pagi "$(day 3)" 09:00 12:00 2)"
answer
proven 'five commands, five answers, in the order of the lines'

step '3. Guests come' 'The rules live in the engine, so no app can get around them.'
booking=villa-melati.1
say 'Budi asks for a villa, two nights from today' user:budi CreateBooking villa-melati \
  "$(stay 0 2),$(guest 'Budi Santoso' 0812-3456-789),\"party_size\":2"
say 'He tries to confirm it himself' user:budi ChangeStatus villa-melati \
  "\"booking_id\":\"$booking\",\"status\":\"confirmed\""
say 'Ibu Sari confirms it' $owner ChangeStatus villa-melati \
  "\"booking_id\":\"$booking\",\"status\":\"confirmed\",\"reason\":\"transfer seen\""
say 'He checks in' $owner CheckIn villa-melati "\"booking_id\":\"$booking\""
say 'He checks in a second time' $owner CheckIn villa-melati "\"booking_id\":\"$booking\""
say 'A tour group wants all 3 villas, the same nights' $owner CreateBooking villa-melati \
  "$(stay 0 2),$(guest 'Tur Nusantara' 0811-222-333),\"units\":3,\"status\":\"confirmed\""
say 'Budi wants photos too (name and phone spelt anew)' user:budi CreateBooking studio-cahaya \
  "\"schedule_id\":\"pagi\",$(guest 'Pak Budi' '+62 812 3456 789')"
say 'Dewi wants the same slot' user:dewi CreateBooking studio-cahaya \
  "\"schedule_id\":\"pagi\",$(guest 'Dewi Lestari' 0813-555-666)"
say 'Dewi pays first' $owner RecordPayment studio-cahaya \
  '"booking_id":"studio-cahaya.2","status":"paid","amount_minor":25000000,"method":"ewallet"'
say 'Then Budi wants to pay' $owner RecordPayment studio-cahaya \
  '"booking_id":"studio-cahaya.1","status":"paid","amount_minor":25000000,"method":"cash"'
say 'Rina brings Bruno to the salon' user:rina CreateBooking salon-mochi \
  "\"schedule_id\":\"pagi\",$(guest 'Rina Wijaya' 0821-111-222),\
\"subject\":{\"type\":\"dog\",\"id\":\"p-3\",\"name\":\"Bruno\"}"
answer
printf '\n  "He checks in" is this line:\n'
grep -m 1 '"CheckIn"' "$folder/sent.jsonl" | sed 's/^/  /; s/,"data":/,\
   "data":/'
proven 'every no is a stable code that an app can act on, and it changed nothing'

step '4. What the dashboards read' \
  'SQL tables, always the exact fold of the log; here as the program prints them.'
shows show rooms --columns resource_id,room_type,inventory,total_units,active_bookings
shows show nights
shows show schedules --columns resource_id,schedule_id,date,start_time,capacity,booked,available
shows show customers --columns code,name,phone,preferred_resource_id,bookings
proven 'one Budi with two bookings: the customer master knew his phone'
shows show history --booking $booking --columns event_type,new_status,actor_id,reason
proven 'who did what, and why: history is the data itself, not a log file beside it'
shows show bookings --booking $booking --columns booking_id,status,customer_name --as-of 0:8
proven 'any moment of the past can be looked at: this is before Ibu Sari confirmed it'

step '5. Fifty callers, one last villa, and kill -9' \
  'Fifty ask for Villa Bulan over HTTP; serve is killed while they do, and comes up again.'
say 'Villa Bulan: one villa, whoever books it first has it' $owner DefineRoom villa-bulan \
  '"name":"Villa Bulan","units":1,"inventory":"counter","occupancy":"on_create"'
answer
callers=
call() { # FIRST LAST
  for caller in $(seq "$1" "$2"); do
    post "call-$caller" bookings "call-$caller" \
      "{\"resource\":\"villa-bulan\",$(guest "Penelepon $caller" "0819-000-1$caller")}" &
    callers="$callers $!"
  done
}
serve "$address"
call 1 25
until [ -s "$folder/call-1.status" ] || [ -s "$folder/call-25.status" ]; do sleep 0.01; done
kill -9 "$running"
wait "$running" 2>/dev/null || true
call 26 50
serve "$address"
for caller in $callers; do
  wait "$caller" || failed 'a caller got no answer'
done
cat "$folder"/call-*.status >"$folder/calls"
won=$(grep -c '^201$' "$folder/calls") || true
lost=$(grep -c '^409$' "$folder/calls") || true
printf '\n  %s got 201, %s got 409 capacity_exceeded\n' "$won" "$lost"
[ "$won/$lost" = 1/49 ] || failed 'not exactly one of fifty has the one villa'
proven 'one got the villa, forty-nine got a no, nobody got a maybe, over a kill -9'
kill "$running"
wait "$running" || failed 'serve did not stop cleanly'
running=

step '6. kill -9 in the middle of everything' \
  'A homestay sends 30,000 commands, and the program is killed without warning at work on them.'
awk 'BEGIN {
  start = "{\"specversion\":\"1.0\",\"source\":\"/homestay\",\"id\":\"many-%d\",\"type\":\"%s\","
  start = start "\"data\":"
  who = "{\"resource\":\"kamar-%d\",\"actor\":{\"type\":\"admin\",\"id\":\"ibu-sari\"},"
  room = "\"name\":\"Kamar\",\"units\":900,\"inventory\":\"counter\"}}\n"
  booking = "\"booking_id\":\"kamar-%d.t%d\","
  guest = "\"customer\":{\"name\":\"Tamu %d\",\"phone\":\"08%08d\"}}}\n"
  confirm = "\"status\":\"confirmed\"}}\n"
  for (i = 1; i <= 30000; i++) {
    home = i % 9
    if (i <= 9) printf start who room, i, "DefineRoom", home
    else if (i % 27 >= 18) printf start who booking confirm, i, "ChangeStatus", home, home, i - 9
    else {
      caller = i % 5000
      printf start who booking guest, i, "CreateBooking", home, home, i, caller, caller
    }
  }
}' >"$folder/many.jsonl"
: >"$folder/before"
"$program" apply "$folder/many.jsonl" >"$folder/before" 2>/dev/null &
running=$!
while [ "$(wc -l <"$folder/before")" -lt 6000 ] && kill -0 "$running" 2>/dev/null; do
  sleep 0.02
done
kill -9 "$running" 2>/dev/null || failed 'it was done before it could be killed'
wait "$running" 2>/dev/null || true
running=
answered=$(wc -l <"$folder/before") # whole lines: half a one is no answer
printf '\n  killed with %d of 30,000 answers given; started again with the same file\n' "$answered"
"$program" apply "$folder/many.jsonl" >"$folder/after" 2>/dev/null ||
  failed 'it did not come up again'
again=$(grep -c '"duplicate":true' "$folder/after") || true
[ "$(wc -l <"$folder/after")" = 30000 ] || failed 'not every command has its answer'
printf '  30,000 answers now; %d of these commands had been decided before the kill\n' "$again"
same() { head -n "$answered" "$1" | sed 's/.*"data":/"data":/; s/,"duplicate":true//'; }
same "$folder/before" >"$folder/before.same"
same "$folder/after" >"$folder/after.same"
cmp -s "$folder/before.same" "$folder/after.same" || failed 'an answer changed'
proven 'every answer given before the kill was given again, word for word: none lost, none twice'

step '7. Prove it' 'Fold the whole log anew and compare every column of every row.'
shows verify || failed 'drift'
proven 'no drift, after fifty rivals and two kill -9'

printf '\n%d seconds. ' $(($(date +%s) - began))
if [ -n "$keep" ]; then printf 'The files stay in %s.\n' "$folder"
else printf 'The folder is gone again.\n'; fi
printf 'Your turn:  %s serve   and beside it   %s apply commands.jsonl\n' "$program" "$program"
printf '            and the first five minutes in README.md\n'
