"""The checks of 08/browser: requests through a REST API, and what a browser would make of the answers."""

from lambda_sandbox.workbook.checks import expect, require, task

SITES = ("https://shop.example", "https://m.shop.example")
READ = "access-control-allow-origin"


def words(reply, name):
    """The words of a header that holds a list, in small letters."""
    return [word.strip().lower() for word in reply.headers.get(name, "").split(",")]


@task(1)
def test_lets_the_pages_of_both_sites_read(function):
    for site in SITES:
        reply = function.ask("GET", "/teas", api="REST", Origin=site)
        expect(reply.json, ["black", "green", "white"], says="browser.status")
        expect(reply.headers.get(READ), site, says="browser.not-its-site")


@task(1)
def test_lets_a_page_read_what_went_wrong(function, rng):
    site = rng.choice(SITES)
    for method, path, body, status in (("GET", "/coffee", "", 404), ("POST", "/orders", '{"tea": "coffee"}', 400)):
        reply = function.ask(method, path, body, api="REST", Origin=site, content_type="application/json")
        expect(reply.status, status, says="browser.status")
        expect(reply.headers.get(READ), site, says="browser.errors-are-hidden")


@task(1, hidden=True)
def test_finds_an_origin_in_small_letters(function):
    reply = function.ask("GET", "/teas", api="REST", origin=SITES[1])
    expect(reply.headers.get(READ), SITES[1], says="browser.origin-not-found")


@task(1, hidden=True)
def test_leaves_the_pages_of_other_sites_out(function):
    for site in ("https://evil.example", "https://shop.example.evil.example", "null"):
        reply = function.ask("GET", "/teas", api="REST", Origin=site)
        expect(reply.headers.get(READ), None, says="browser.lets-everybody", site=site)
    reply = function.ask("GET", "/teas", api="REST")
    expect(reply.json, ["black", "green", "white"], says="browser.status")


@task(1, hidden=True)
def test_tells_caches_that_it_depends_on_who_asks(function):
    reply = function.ask("GET", "/teas", api="REST", Origin=SITES[0])
    vary = words(reply, "vary")
    require("origin" in vary, says="browser.no-vary", expected="Vary: Origin", got=vary)


@task(2)
def test_lets_a_page_send_json(function, rng):
    site, path = rng.choice(SITES), rng.choice(["/orders", "/teas", "/anywhere"])
    asks = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "content-type"}
    reply = function.ask("OPTIONS", path, api="REST", Origin=site, **asks)
    expect(reply.status, 204, says="browser.asked-in-vain")
    expect(reply.headers.get(READ), site, says="browser.not-its-site")
    methods = words(reply, "access-control-allow-methods")
    require("post" in methods, says="browser.method-not-allowed", expected="GET, POST", got=methods)
    headers = words(reply, "access-control-allow-headers")
    require("content-type" in headers, says="browser.header-not-allowed", expected="content-type", got=headers)
