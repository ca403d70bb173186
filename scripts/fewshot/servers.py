"""Where downloads are asked for: by https, or at a mirror that somebody chose."""

import http
import http.client
import os
import re
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import PurePosixPath

from fewshot.errors import InputError, input_error

MIRROR = "FEWSHOT_MIRROR"  # environment variable
BY_HAND, PAUSES = "download it by hand", (2, 10, 30)  # seconds
_MUCH = 2**20  # bytes that a try must bring to count as progress
_TIMEOUT = 60  # seconds without a byte
_CONNECTION = (
    *(urllib.error.URLError, http.client.HTTPException, ssl.SSLError),
    *(ConnectionError, TimeoutError),
)
_TRY_AGAIN = (408, 425, 429)  # of the statuses by which a server refuses
_STRANGERS = (401, 403)  # of those, the ones for whom it does not know
_HOPS = 5
_HEADERS = {"User-Agent": "fewshot", "Accept-Encoding": "identity"}


class NotThereError(InputError):
    """The server says that it has no such file."""


def url_file_name(url):
    """Last part of the path of a URL.

    Examples
    --------
    >>> url_file_name("https://example.org/a/photos%201.tar?download=1")
    'photos 1.tar'
    """
    path = urllib.parse.unquote(urllib.parse.urlsplit(url).path)
    return PurePosixPath(path).name


def address_of(url, mirrored=None):
    """Tell where a file is asked for.

    Parameters
    ----------
    url : str
        An https address.
    mirrored : str, optional
        Path of the file on a mirror, by default the last part of the address.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If the address is none of https, or the mirror none of http.
    """
    mirror = os.environ.get(MIRROR)
    if urllib.parse.urlsplit(url).scheme != "https":
        hint = "give an https address, or the path of an archive or a folder"
        raise input_error("A download must come by https", url, hint)
    if not mirror:
        return url
    if not mirror.startswith(("https://", "http://")):
        raise input_error(f"{MIRROR} must be an http or https address", mirror, "correct it")
    return f"{mirror.rstrip('/')}/{urllib.parse.quote(mirrored or url_file_name(url))}"


def ask(address, headers=None):
    """Ask for a file.

    Parameters
    ----------
    address : str
        From `address_of`.
    headers : dict of str to str, optional

    Returns
    -------
    http.client.HTTPResponse

    Raises
    ------
    InputError
        If it would have the file come by plain http where nobody chose a mirror that speaks it.
    """
    request = urllib.request.Request(address, headers=_HEADERS | (headers or {}))
    return _opener(_Redirects).open(request, timeout=_TIMEOUT)


def patiently(attempt, url, address, by_hand, pauses, size=lambda: 0):
    """Ask until there is an answer, and begin to count anew after every try that brought much.

    Parameters
    ----------
    attempt : callable
    url, address : str
        Of a file, and where it is asked for.
    by_hand : str
        What else a person can do.
    pauses : sequence of float
        Seconds to wait after a try that brought nothing, one of those in a row after the other.
    size : callable, optional
        Tells how many bytes have come.

    Returns
    -------
    object
        What `attempt` does.

    Raises
    ------
    InputError
        If the server refused or stayed silent: `NotThereError` where it says that it has no such
        file.
    """
    waits = iter(pauses)
    while True:
        before = size()
        try:
            return attempt()
        except _CONNECTION as error:
            if size() >= before + _MUCH:
                waits = iter(pauses)
            pause = None if _is_final(error) else next(waits, None)
            if pause is None:
                raise _not_given(url, address, error, by_hand) from error
            print(f"{address}: {error}; next try in {pause} s", flush=True)
            time.sleep(pause)


def _not_given(url, address, error, by_hand):
    name, code = url_file_name(url), getattr(error, "code", None)
    rule = f"{name} must be downloaded, but the server did not give it"
    if code in _STRANGERS:
        rule += ", as to somebody who has not agreed to its terms"
    hint = f"put it on the mirror, or unset {MIRROR}; or " if address != url else ""
    made = input_error(rule, f"{error} from {address}", hint + by_hand)
    return NotThereError(str(made)) if code == http.HTTPStatus.NOT_FOUND else made


def stated_digest(url, *, by_hand=BY_HAND, mirrored=None, pauses=PAUSES):
    """SHA-256 that a server like Hugging Face's says a file has, without asking for the file.

    Parameters
    ----------
    url, by_hand, mirrored, pauses
        As of `fewshot.downloads.download`.

    Returns
    -------
    str or None
        64 hex digits; None where the server says none.

    Raises
    ------
    InputError
        If the server stays silent.
    """
    address = address_of(url, mirrored)
    return patiently(lambda: _ask_digest(address), url, address, by_hand, pauses)


def _ask_digest(address):
    for _ in range(_HOPS):
        try:
            headers = _ask_headers(address)
        except urllib.error.HTTPError as error:
            if _is_final(error) or error.code == http.HTTPStatus.NOT_IMPLEMENTED:
                return None  # a server may give files without speaking of them
            raise
        if match := re.fullmatch(r'"?([0-9a-f]{64})"?', headers.get("X-Linked-Etag", "")):
            return match[1]
        # What another host says of a file is its own digest of what it keeps.
        target = urllib.parse.urljoin(address, headers.get("Location", ""))
        if target == address or _host(target) != _host(address):
            return None
        address = target
    return None


def _host(address):
    return urllib.parse.urlsplit(address)[:2]


def _is_final(error):
    code = getattr(error, "code", None)
    return code is not None and code < 500 and code not in _TRY_AGAIN


def _ask_headers(address):
    """Ask for what a server says of a file before it gives it or sends on to where it lies."""
    request = urllib.request.Request(address, headers=_HEADERS, method="HEAD")
    try:
        with _opener().open(request, timeout=_TIMEOUT) as response:
            return response.headers
    except urllib.error.HTTPError as error:
        if not 300 <= error.code < 400:
            raise
        return error.headers


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow redirects, but none to plain http, where nobody chose a mirror that speaks it."""

    def redirect_request(self, request, file, code, message, headers, new_url):
        schemes = ("https", "http") if os.environ.get(MIRROR) else ("https",)
        if urllib.parse.urlsplit(new_url).scheme not in schemes:
            received = f"{request.full_url}, which redirects to {new_url}"
            hint = "ask its publisher for an https address, or download it by hand"
            raise input_error("A download must come by https", received, hint)
        return super().redirect_request(request, file, code, message, headers, new_url)


def _opener(*more):
    """Return what opens http and https, and not file, ftp or data, as urllib's own would."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        *more,
    ):
        opener.add_handler(handler())
    return opener
