"""Servers: where a file is asked for, and what one says of it before it gives it."""

import hashlib

import pytest
from served import serving
from served_hub import HOST, serving_hub

from fewshot.errors import InputError
from fewshot.servers import NotThereError, address_of, ask, patiently, stated_digest

URL = f"https://{HOST}/keras/net/resolve/main/model.weights.h5"
BODY = b"weights"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    with serving_hub(tmp_path, monkeypatch, {"net/model.weights.h5": BODY}) as running:
        yield running


def test_a_mirror_has_a_file_under_its_name_or_the_one_that_is_given(monkeypatch):
    monkeypatch.delenv("FEWSHOT_MIRROR", raising=False)
    assert address_of(URL, "net/model.weights.h5") == URL
    monkeypatch.setenv("FEWSHOT_MIRROR", "http://mirror.example/a/")
    assert address_of(URL) == "http://mirror.example/a/model.weights.h5"
    assert address_of(URL, "net/a b.h5") == "http://mirror.example/a/net/a%20b.h5"


def test_a_digest_is_said_without_the_file(hub):
    assert stated_digest(URL) == hashlib.sha256(BODY).hexdigest()
    assert [(each["method"], each["host"]) for each in hub.asked] == [("HEAD", HOST)]


def test_a_file_that_lies_at_the_hub_itself_has_no_such_digest(hub):
    hub.files["net/config.json"] = b"{}"
    assert stated_digest(URL.replace("model.weights.h5", "config.json")) is None
    assert {each["host"] for each in hub.asked} == {HOST}


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_is_refused_has_no_digest_and_the_download_says_why(hub, status):
    hub.gated["net"] = status
    assert stated_digest(URL) is None


def test_a_server_that_does_not_know_the_question_is_not_asked_again(monkeypatch):
    with serving(model__weights__h5=BODY) as server:
        monkeypatch.setenv("FEWSHOT_MIRROR", server.url)
        assert stated_digest(URL, pauses=(3600,)) is None


def test_a_silent_server_is_asked_again_and_then_named(hub, capsys):
    hub.gated["net"] = 503
    with pytest.raises(
        InputError, match=r"model\.weights\.h5 must be downloaded.*503.*ask a friend"
    ):
        stated_digest(URL, by_hand="ask a friend", pauses=(0, 0))
    assert len(hub.asked) == 3
    assert capsys.readouterr().out.count("next try in 0 s") == 2


def test_a_missing_file_is_told_from_other_refusals(hub):
    for status, kind in ((404, NotThereError), (403, InputError), (401, InputError)):
        hub.gated["net"] = status
        with pytest.raises(InputError) as caught:
            patiently(lambda: ask(URL), URL, URL, "ask a friend", ())
        assert type(caught.value) is kind
        assert ("not agreed to its terms" in str(caught.value)) == (status != 404)


def test_a_certificate_that_is_not_trusted_ends_it(hub, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(InputError, match="CERTIFICATE_VERIFY_FAILED"):
        stated_digest(URL, pauses=())
    assert hub.asked == []
