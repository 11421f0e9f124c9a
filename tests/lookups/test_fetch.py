"""What is asked of a host and what is not: lists, redirects, credentials, sizes, waits."""

import time

import pytest

from ml_intern.records.errors import UsageProblem
from ml_intern.research import arxiv, sites
from ml_intern.research.web import (
    MOST_BYTES,
    Credential,
    HostRefused,
    HostTrouble,
    PageMissing,
    PageUnfit,
    Site,
    fetch,
    listed,
)
from tests.lookups.web import ROUTES, Answer, redirect, web

HTML = ("text/html",)
PAGE = Answer(body=b"<p>hello</p>", headers={"Content-Type": "text/html"})


def test_a_page_comes_with_its_credential():
    with web({"/a": PAGE}) as here:
        site = Site(own=(here.url,), credential=Credential(here.url, "Bearer secret"))
        page = fetch(site, f"{here.url}/a", HTML)
    assert (page.text, page.kind) == ("<p>hello</p>", "text/html")
    assert here.asked[0].headers["authorization"] == "Bearer secret"
    assert "secret" not in repr(site)


def test_a_redirect_to_another_host_is_refused_and_nothing_arrives_there():
    with web({"/b": PAGE}) as elsewhere, web() as here:
        here.routes["/a"] = redirect(f"{elsewhere.url}/b")
        site = Site(own=(here.url,), credential=Credential(here.url, "Bearer secret"))
        with pytest.raises(HostRefused, match="is not"):
            fetch(site, f"{here.url}/a", HTML)
    assert not elsewhere.asked


def test_the_credential_stays_behind_where_another_host_is_on_the_list():
    with web({"/b": PAGE}) as elsewhere, web() as here:
        here.routes["/a"] = redirect(f"{elsewhere.url}/b")
        site = Site(own=(here.url, elsewhere.url), credential=Credential(here.url, "Bearer secret"))
        assert fetch(site, f"{here.url}/a", HTML).url == f"{elsewhere.url}/b"
    assert here.asked[0].headers["authorization"] == "Bearer secret"
    assert "authorization" not in elsewhere.asked[0].headers
    assert "secret" not in str(elsewhere.asked)


def test_a_redirect_within_the_host_is_followed_but_not_for_ever():
    with web({"/b": PAGE, "/a": redirect("/b"), "/loop": redirect("/loop")}) as here:
        site = Site(own=(here.url,))
        assert fetch(site, f"{here.url}/a", HTML).text == "<p>hello</p>"
        with pytest.raises(HostTrouble, match="redirects"):
            fetch(site, f"{here.url}/loop", HTML)
    assert len(here.asked) < 12


@pytest.mark.parametrize(
    "url",
    [
        "http://docs.python.org/3/",
        "https://docs.python.org.evil.example/3/",
        "https://evil.example/docs.python.org",
        "https://docs.python.org:8443/3/",
        "https://user:pass@docs.python.org/3/",
        "https://docs.python.org@evil.example/3/",
        "https://readthedocs.io.evil.example/",
        "https://readthedocs.io/",
        "https://huggingface.co/owner/private-model",
        "https://huggingface.co/docs-not",
        "https://127.0.0.1/3/",
        "https://169.254.169.254/latest/meta-data/",
        "http://localhost:8000/",
        "file:///etc/passwd",
        "ftp://docs.python.org/3/",
        "//docs.python.org",
        "",
        "https://[::1",
    ],
)
def test_what_is_not_on_the_list_is_refused_before_anything_is_sent(url):
    with pytest.raises(HostRefused):
        listed(Site(sites.DOC_HOSTS), url)


@pytest.mark.parametrize(
    "url",
    [
        "https://docs.python.org/3/",
        "https://setfit.readthedocs.io/en/latest/",
        "https://huggingface.co/docs/hub",
    ],
)
def test_what_is_on_the_list_may_be_asked(url):
    assert listed(Site(sites.DOC_HOSTS), url).hostname


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "[::1]"]
)
def test_a_name_on_the_list_that_leads_to_a_private_address_is_refused(host, monkeypatch):
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(HostRefused, match="private"):
        fetch(Site((host.strip("[]"),)), f"https://{host}/", HTML)


def test_a_page_that_is_too_large_is_not_read_to_its_end():
    large = Answer(body=b"x" * (MOST_BYTES + 1), headers={"Content-Type": "text/html"})
    with web({"/a": large}) as here, pytest.raises(PageUnfit, match="larger"):
        fetch(Site(own=(here.url,)), f"{here.url}/a", HTML)


def test_another_kind_of_page_is_not_read():
    pdf = Answer(body=b"%PDF", headers={"Content-Type": "application/pdf"})
    with web({"/a": pdf, "/b": Answer(body=b"x")}) as here:
        for path in "ab":
            with pytest.raises(PageUnfit):
                fetch(Site(own=(here.url,)), f"{here.url}/{path}", HTML)


def test_a_host_that_says_to_wait_a_little_is_waited_for():
    answers = [Answer(429, headers={"Retry-After": "1"}), PAGE]
    with web({"/a": lambda asked: answers.pop(0)}) as here:
        began = time.monotonic()
        assert fetch(Site(own=(here.url,)), f"{here.url}/a", HTML).text
    assert 1 <= time.monotonic() - began < 10
    assert len(here.asked) == 2


def test_a_host_that_says_to_wait_long_is_told_of_and_not_asked_again():
    with web({"/a": Answer(429, headers={"Retry-After": "3600"})}) as here:
        with pytest.raises(HostTrouble, match="no more requests") as told:
            fetch(Site(own=(here.url,)), f"{here.url}/a", HTML)
    assert "3600 s" in told.value.hint
    assert len(here.asked) == 1


@pytest.mark.parametrize("stated", ["²", "soon", "Sun, 99 Foo 2026", "-5", ""])
def test_a_wait_that_nobody_understands_is_a_short_one(stated, monkeypatch):
    monkeypatch.setattr("ml_intern.research.web.TRIES", 1)
    with web({"/a": Answer(429, headers={"Retry-After": stated})}) as here:
        with pytest.raises(HostTrouble, match="again and again"):
            fetch(Site(own=(here.url,)), f"{here.url}/a", HTML)


@pytest.mark.parametrize("to", ["https://[bad", "https://a\x7fb/", "http://127.0.0.1:99999/", "/\x01"])
def test_a_redirect_to_nonsense_is_refused(to):
    with web({"/a": redirect(to)}) as here:
        with pytest.raises((HostRefused, PageMissing)):
            fetch(Site(own=(here.url,)), f"{here.url}/a", HTML)


def test_an_encoding_that_is_none_does_no_harm():
    odd = Answer(body=b"<p>hello</p>", headers={"Content-Type": "text/html; charset=punycode"})
    with web({"/a": odd}) as here:
        assert fetch(Site(own=(here.url,)), f"{here.url}/a", HTML).text == "<p>hello</p>"


def test_a_host_that_stays_busy_is_given_up():
    with web({"/a": Answer(503, headers={"Retry-After": "0"})}) as here:
        with pytest.raises(HostTrouble, match="again and again"):
            fetch(Site(own=(here.url,)), f"{here.url}/a", HTML)
    assert len(here.asked) == 3


def test_a_missing_page_says_what_to_do():
    with web() as here, pytest.raises(PageMissing) as told:
        fetch(Site(own=(here.url,)), f"{here.url}/a?q=private+words", HTML)
    assert told.value.hint
    assert "private" not in told.value.message


def test_a_host_that_is_not_there(monkeypatch):
    monkeypatch.setattr("ml_intern.research.web.TRIES", 1)
    with pytest.raises(HostTrouble, match="does not answer"):
        fetch(Site(own=("http://127.0.0.1:9",)), "http://127.0.0.1:9/a", HTML)


@pytest.mark.parametrize("stated", ["http://mirror.example", "mirror", "ftp://127.0.0.1", "http://10.0.0.1"])
def test_a_mirror_without_tls_is_for_this_machine_alone(stated, monkeypatch):
    monkeypatch.setenv(sites.ARXIV, stated)
    with pytest.raises(UsageProblem, match=sites.ARXIV):
        sites.arxiv()


def test_a_mirror_stands_in_for_all_public_hosts(monkeypatch):
    monkeypatch.setenv(sites.ARXIV, "https://mirror.example/")
    monkeypatch.setenv(sites.DOCS, "https://mirror.example")
    site, api, places = sites.arxiv()
    assert (site.hosts, api, places) == (
        (), "https://mirror.example/api/query", ("https://mirror.example/html",),
    )  # fmt: skip
    site, address = sites.docs("https://docs.python.org/3/library/csv.html")
    assert (site.hosts, address) == ((), "https://mirror.example/docs.python.org/3/library/csv.html")
    with pytest.raises(HostRefused):
        sites.docs("https://evil.example/3/")


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><feed>&d;</feed>',
        '<!DOCTYPE feed SYSTEM "file:///etc/passwd"><feed/>',
        "<feed><entry></feed>",
        "",
        "<feed>\x00</feed>",
    ],
)
def test_xml_that_is_broken_or_declares_a_document_type_is_not_read(text):
    with pytest.raises(PageUnfit):
        arxiv.parsed(text)


def test_xml_in_another_encoding_hides_no_document_type(monkeypatch):
    hidden = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "c">]><feed>&b;</feed>'
    body = Answer(body=hidden.encode("utf-16"), headers={"Content-Type": "application/atom+xml"})
    with web({**ROUTES, "/api/query": body}) as here:
        monkeypatch.setenv(sites.ARXIV, here.url)
        with pytest.raises(PageUnfit):
            arxiv.search(["x"], 3)
