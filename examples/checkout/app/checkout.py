"""Takes orders, stores them in PostgreSQL, and charges them at the payments service."""

import json
import logging
import os
import signal
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

VERSION = os.environ.get("VERSION", "development")
LISTEN = os.environ.get("LISTEN", "127.0.0.1:8080")
DATABASE_URL = os.environ.get("DATABASE_URL")
PAYMENTS_URL = os.environ.get("PAYMENTS_URL")
PAYMENTS_TIMEOUT_S = float(os.environ.get("PAYMENTS_TIMEOUT_S", "0.8"))


class JsonLines(logging.Formatter):
    """One JSON object a line, with the id of the request."""

    def format(self, record):
        fields = {"level": record.levelname.lower(), "message": record.getMessage()}
        fields.update(getattr(record, "fields", {}))
        return json.dumps(fields)


def database():
    return psycopg.connect(DATABASE_URL, connect_timeout=2, options="-c statement_timeout=2000")


def charge(order):
    body = json.dumps({"order": order}).encode()
    request = urllib.request.Request(PAYMENTS_URL + "/charges", data=body, method="POST")
    request.add_header("Idempotency-Key", f"order-{order}")
    with urllib.request.urlopen(request, timeout=PAYMENTS_TIMEOUT_S) as answer:
        return answer.status == 201


class Checkout(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/livez":
            self.answer(200, {"live": True})
        elif self.path == "/version":
            self.answer(200, {"version": VERSION})
        elif self.path == "/readyz":
            try:
                with database() as connection:
                    connection.execute("select 1")
                self.answer(200, {"ready": True})
            except psycopg.Error as error:
                self.answer(503, {"ready": False, "because": type(error).__name__})
        else:
            self.answer(404, {"error": "no such path"})

    def do_POST(self):
        if self.path != "/orders":
            return self.answer(404, {"error": "no such path"})
        length = int(self.headers.get("Content-Length", 0))
        if length > 10_000:
            return self.answer(413, {"error": "an order has at most 10000 bytes"})
        try:
            order = json.loads(self.rfile.read(length))
            sku, count = str(order["sku"]), int(order["n"])
        except (ValueError, KeyError, TypeError):
            return self.answer(400, {"error": "an order is {\"sku\": TEXT, \"n\": NUMBER}"})
        try:
            with database() as connection:
                row = connection.execute(
                    "insert into orders (sku, n) values (%s, %s) returning id", (sku, count)
                ).fetchone()
        except psycopg.Error as error:
            logging.error("order refused", extra={"fields": {"because": type(error).__name__}})
            return self.answer(503, {"error": "try again"}, {"Retry-After": "5"})
        try:
            is_paid = charge(row[0])
        except OSError as error:
            logging.warning("charged later", extra={"fields": {"order": row[0], "because": str(error)}})
            is_paid = False
        self.answer(201, {"id": row[0], "paid": is_paid})

    def answer(self, status, body, headers=None):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format, *args):
        logging.info(format % args, extra={"fields": {"trace": self.headers.get("traceparent")}})


def main():
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    missing = [n for n in ("DATABASE_URL", "PAYMENTS_URL") if not os.environ.get(n)]
    if missing:
        sys.exit("checkout: set " + " and ".join(missing) + " (see docs/operations.md)")
    host, port = LISTEN.rsplit(":", 1)
    server = ThreadingHTTPServer((host, int(port)), Checkout)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()


if __name__ == "__main__":
    main()
