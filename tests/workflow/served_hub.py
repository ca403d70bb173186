"""A server that speaks like Hugging Face's, with its names and its https, on this machine.

It is the proxy that the environment names, so it sees every host that anybody asks for, and answers
in the place of each.
"""

import hashlib
import http.server
import ssl
import subprocess
import threading
from contextlib import contextmanager, suppress

from served import Files

HOST, STORE = "huggingface.co", "cdn-lfs.hf.co"
COMMIT = "c" * 40


class Hub(Files):
    """Gives `files`, by "<preset>/<file>": large ones from another host, as the real one does.

    `gated` has presets that are given to nobody here, with the status; `stated` what is said of a
    file in the place of its digest. `asked` has host, method, path and headers of every request.
    """

    gated, stated = {}, {}

    def handle(self):
        with suppress(ConnectionError, ssl.SSLError):  # of whoever has seen enough
            super().handle()

    def do_CONNECT(self):
        self.host = self.path.removesuffix(":443")
        self.send_response(200)
        self.end_headers()
        self.connection = type(self).context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        kind, place = type(self), self.path.strip("/").split("/")
        entry = {"host": self.host, "method": self.command, "path": self.path}
        kind.asked.append(entry | dict(self.headers))
        if self.host == STORE:
            self._from_store(place[-1])
        elif place[:2] == ["api", "resolve-cache"]:
            self._give(kind.files[f"{place[4]}/{place[6]}"], ("", 0))
        else:
            self._from_hub(place[1], place[4])

    def _from_hub(self, preset, file):
        kind = type(self)
        body = kind.files.get(f"{preset}/{file}")
        if status := kind.gated.get(preset) or (404 if body is None else None):
            self.send_error(status)
            return
        digest = hashlib.sha256(body).hexdigest()
        self.send_response(302 if file.endswith(".h5") else 307)
        self.send_header("X-Repo-Commit", COMMIT)
        if file.endswith(".h5"):
            self.send_header("X-Linked-Etag", f'"{kind.stated.get(file, digest)}"')
            self.send_header("Location", f"https://{STORE}/{digest}?signed=1")
        else:
            place = f"/api/resolve-cache/models/keras/{preset}/{COMMIT}/{file}"
            self.send_header("Location", place)
        self.end_headers()

    def _from_store(self, name):
        kind = type(self)
        fault = kind.faults.pop(0) if kind.faults else None
        if isinstance(fault, int):
            self.send_error(fault)
            return
        digest = name.partition("?")[0]
        bodies = {hashlib.sha256(body).hexdigest(): body for body in kind.files.values()}
        self._give(bodies[digest], fault or ("", 0))


@contextmanager
def serving_hub(folder, environment, files):
    """Serve files of presets while the block runs, in the place of every host.

    Parameters
    ----------
    folder : Path
        Receives the key of the server.
    environment : pytest.MonkeyPatch
    files : dict of str to bytes
        By "<preset>/<file>".

    Yields
    ------
    type
        A kind of `Hub` of its own.
    """
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    names = f"subjectAltName=DNS:{HOST},DNS:{STORE}"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN={HOST}", "-addext", names, "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    state = {"files": dict(files), "faults": [], "asked": [], "gated": {}, "stated": {}}
    handler = type("Handler", (Hub,), state | {"context": context})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        for name in ("no_proxy", "NO_PROXY", "FEWSHOT_MIRROR"):
            environment.delenv(name, raising=False)
        environment.setenv("https_proxy", f"http://127.0.0.1:{running.server_port}")
        environment.setenv("SSL_CERT_FILE", str(certificate))
        try:
            yield handler
        finally:
            running.shutdown()
            thread.join()
