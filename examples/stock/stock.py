"""What the shop has in store: reserves items, and tells what they cost. Needs nothing but Python 3."""

import json
import os
import signal
import sqlite3
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from telemetry import Metrics, Span, Spans, log

NEEDED = ("LISTEN", "DATABASE", "PRICES_URL")
# Longer than any reservation, so that nobody fills the memory.
MOST_BYTES = 10_000


class Store:
    """Reservations in one SQLite file. Each is on disk before it is acknowledged."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.connection.execute("pragma journal_mode = wal")
        self.connection.execute("pragma synchronous = full")
        self.connection.execute(
            "create table if not exists reservations (id integer primary key, sku text not null, n integer not null)"
        )

    def reserve(self, sku, count):
        with self.lock:
            sql = "insert into reservations (sku, n) values (?, ?)"
            return self.connection.execute(sql, (sku, count)).lastrowid

    def find(self, number):
        with self.lock:
            sql = "select id, sku, n from reservations where id = ?"
            return self.connection.execute(sql, (number,)).fetchone()

    def close(self):
        with self.lock:
            self.connection.close()


class Prices:
    """Asks for prices, and leaves off for a while when none came."""

    PAUSE_S = 1.0

    def __init__(self, url, timeout_s):
        self.url, self.timeout_s, self.shut_until = url, timeout_s, 0.0

    def of(self, sku, span):
        if time.monotonic() < self.shut_until:
            raise OSError("prices are not asked for just now")
        request = urllib.request.Request(f"{self.url}/prices/{sku}", headers={"traceparent": span.header})
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s) as answer:
                return int(json.load(answer)["cents"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.shut_until = time.monotonic() + self.PAUSE_S
            raise OSError(str(error)) from error


class Stock(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30

    def do_GET(self):
        self.handled(self.read)

    def do_POST(self):
        self.handled(self.write)

    def handled(self, handle):
        shop, began = self.server, time.monotonic()
        if self.path in ("/livez", "/readyz"):
            return self.answer(200, {"ok": True})
        if self.path == "/metrics":
            return self.answer(200, shop.metrics.text(), "text/plain; version=0.0.4")
        self.span = Span.of_request(self.command, self.headers.get("traceparent"))
        try:
            status, body = handle()
        except sqlite3.Error as error:
            log("error", "the store failed", self.span, because=str(error))
            status, body = 503, {"error": "try again"}
        took = time.monotonic() - began
        self.span.failed = status >= 500
        shop.spans.end(self.span)
        shop.metrics.add(status, took)
        log("info", "request", self.span, method=self.command, status=status, ms=round(took * 1000, 1))
        self.answer(status, body)

    def read(self):
        parts = self.path.split("?")[0].strip("/").split("/")
        if parts[0] == "items" and len(parts) == 2 and parts[1].isalnum():
            return 200, {"sku": parts[1], "cents": self.price(parts[1])}
        if parts[0] == "reservations" and len(parts) == 2 and parts[1].isdecimal():
            found = self.server.store.find(int(parts[1][:18]))
            if found:
                return 200, dict(zip(("id", "sku", "n"), found))
        return 404, {"error": "there is none"}

    def price(self, sku):
        asked = self.span.child("GET prices")
        try:
            return self.server.prices.of(sku, asked)
        except OSError as error:
            asked.failed = True
            self.server.metrics.without_price += 1
            log("error", "shown without a price", self.span, dependency="prices", because=str(error))
            return None
        finally:
            self.server.spans.end(asked)

    def write(self):
        length = int(self.headers.get("content-length") or 0)
        if self.path != "/reservations" or length > MOST_BYTES:
            self.close_connection = True
            return 404 if length <= MOST_BYTES else 413, {"error": "post a reservation of at most 10000 bytes"}
        try:
            wish = json.loads(self.rfile.read(length))
            sku, count = str(wish["sku"]), int(wish["n"])
        except (ValueError, KeyError, TypeError):
            return 400, {"error": 'a reservation is {"sku": TEXT, "n": NUMBER}'}
        return 201, {"id": self.server.store.reserve(sku, count)}

    def answer(self, status, body, kind="application/json"):
        text = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(text.encode())))
        if self.server.is_stopping or self.close_connection:
            self.send_header("connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """Requests are logged by `handled`."""


class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 512
    is_stopping = False

    def handle_error(self, request, client_address):
        """Whoever goes away in the middle of a request is no trouble of the service."""
        log("warning", "a connection broke", because=repr(sys.exc_info()[1]))


def settings():
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        sys.exit("stock: set " + ", ".join(missing))
    host, _, port = os.environ["LISTEN"].rpartition(":")
    if not host or not port.isdecimal():
        sys.exit("stock: LISTEN is HOST:PORT, not " + os.environ["LISTEN"])
    if not os.environ["PRICES_URL"].startswith("http://"):
        sys.exit("stock: PRICES_URL is an http:// address, not " + os.environ["PRICES_URL"])
    return (host, int(port)), os.environ["DATABASE"], os.environ["PRICES_URL"]


def main():
    address, path, prices = settings()
    try:
        store, server = Store(path), Server(address, Stock)
    except (OSError, sqlite3.Error) as error:
        sys.exit(f"stock: cannot start on {address[0]}:{address[1]} with DATABASE={path}: {error}")
    server.store, server.prices = store, Prices(prices, timeout_s=0.2)
    server.metrics, server.spans = Metrics(), Spans("stock")

    def stop(*_):
        server.is_stopping = True
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    server.serve_forever(poll_interval=0.05)
    server.server_close()
    store.close()


if __name__ == "__main__":
    main()
