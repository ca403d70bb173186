"""A server of files on this machine that can be told to misbehave."""

import hashlib
import http.server
import re
import threading
from contextlib import contextmanager


class Files(http.server.BaseHTTPRequestHandler):
    """Gives `files`, whole or in part, and keeps the headers of every request in `asked`.

    Faults are taken from `faults`, one a request: a status to answer with; ("cut", n) to close
    after n bytes; ("stall", n) to stop there until `stalls` is set; ("redirect", address);
    ("range", text) for another Content-Range.
    """

    files, faults, asked = {}, [], []
    ranges = validators = lengths = True

    def do_GET(self):
        kind = type(self)
        kind.asked.append({"path": self.path, **self.headers})
        fault = kind.faults.pop(0) if kind.faults else None
        body = kind.files.get(self.path)
        if isinstance(fault, int) or body is None:
            self.send_error(fault if isinstance(fault, int) else 404)
        elif fault and fault[0] == "redirect":
            self.send_response(302)
            self.send_header("Location", fault[1])
            self.end_headers()
        else:
            self._give(body, fault or ("", 0))

    def _give(self, body, fault):
        kind, start = type(self), 0
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if match and kind.ranges and self.headers.get("If-Range", etag) == etag:
            start = int(match[1])
            if start >= len(body):
                self.send_error(416)
                return
        self.send_response(206 if start else 200)
        if start:
            text = f"bytes {start}-{len(body) - 1}/{len(body)}"
            self.send_header("Content-Range", fault[1] if fault[0] == "range" else text)
        if kind.lengths:
            self.send_header("Content-Length", str(len(body) - start))
        if kind.validators:
            self.send_header("ETag", etag)
        self.end_headers()
        is_short = fault[0] in ("cut", "stall")
        self.wfile.write(body[start:][: fault[1]] if is_short else body[start:])
        if fault[0] == "stall":
            self.wfile.flush()
            kind.stalls.wait()

    def log_message(self, *_):
        pass


@contextmanager
def serving(**files):
    """Serve files, whose names have "__" for a dot, while the block runs.

    Yields
    ------
    type
        A kind of `Files` of its own, with the server's address as `url`.
    """
    named = {f"/{name.replace('__', '.')}": body for name, body in files.items()}
    state = {"files": named, "faults": [], "asked": [], "stalls": threading.Event()}
    handler = type("Handler", (Files,), state)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        handler.url = f"http://127.0.0.1:{running.server_port}"
        try:
            yield handler
        finally:
            handler.stalls.set()
            running.shutdown()
            thread.join()
