"""A service that behaves badly in the way its first argument names: service.py WAY PORT TOKEN PORTS."""
import http.server
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time

way, port, token, ports = sys.argv[1:5]
with open(ports, "a") as file:
    print(port, file=file)


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *arguments):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128


def sleeper():
    return [sys.executable, "-c", "import time; time.sleep(600)", token]


if way == "crashes":
    sys.exit("no DATABASE_URL")
if way == "taken":
    Server(("127.0.0.1", int(os.environ["TAKEN"])), Service)
if way == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if way == "prints":
    def printing():
        while True:
            sys.stdout.write("x" * 100_000 + "\n")
    threading.Thread(target=printing, daemon=True).start()
if way == "forks":
    # One that stays, one that leaves the session, one that clears its environment too; none of them is waited for.
    subprocess.Popen(sleeper())
    subprocess.Popen(sleeper(), start_new_session=True)
    subprocess.Popen(sleeper(), start_new_session=True, env={})
if way == "vanishes":
    # Nothing of it leads back: no parent, session, environment or output.
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(null, descriptor)
            os.execve(sys.executable, sleeper(), {})
        os._exit(0)
Server(("127.0.0.1", int(port)), Service).serve_forever()
