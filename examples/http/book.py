#!/usr/bin/env python3
"""Books a room with requests: examples/http/book.py [URL], with `pesan serve` at URL."""
import sys
import uuid
from datetime import date, timedelta

import requests
from requests.adapters import HTTPAdapter, Retry

at = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080") + "/v1"
session = requests.Session()
# The same key again, as often as it takes, has the outcome of the first.
session.mount("http://", HTTPAdapter(max_retries=Retry(
    8, backoff_factor=0.2, allowed_methods=None, status_forcelist=(429, 503, 504),
    raise_on_status=False)))


def send(path, body):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    return session.post(at + path, json=body, headers=key, timeout=30)


send("/rooms", {"resource": "python-villa", "name": "Villa", "units": 3, "inventory": "nightly"})
made = send("/bookings", {"resource": "python-villa", "customer": {"name": "Budi"},
                          "check_in": str(date.today() + timedelta(30)),
                          "check_out": str(date.today() + timedelta(32))})
if not made.ok:
    sys.exit(made.json()["detail"])
print(session.get(f"{at}/bookings/{made.json()['booking_id']}", timeout=30).text)
