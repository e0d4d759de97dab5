"""Signing in: by code, by link, by the host's token; sessions, forms of other sites, and whom a browser is taken for."""

import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from sqlalchemy import select

from bot.company import Company
from bot.errors import NotAuthenticated
from bot.gateway.browser_session import SESSION_COOKIE, VISIT_COOKIE, Session, new_session, seal, unseal
from bot.gateway.identity import make_token, read_token
from bot.gateway.sign_in_routes import local_path
from bot.gateway.signed_in import identity_of, name_from
from bot.store.tables import outbox, people, sign_in_codes
from tests.bot.gateway.conftest import assert_refused
from tests.bot.people import ANA, CARLA, DAVI
from tests.stack import SECRET

ADDRESS = "ana@aurora.example"
ELSEWHERE = "https://outro.example"


def token_of(html):
    """What the forms of a page carry."""
    return re.search(r'name="csrf" value="(\w+)"', html)[1]


@pytest.fixture
def letters(assembly):
    """What was put into sign-in letters so far."""

    def letters():
        with assembly.database.read() as connection:
            rows = connection.execute(select(outbox).where(outbox.c.kind == "sign_in").order_by(outbox.c.id)).all()
        return [{**row.payload, "to": row.recipient} for row in rows]

    return letters


@pytest.fixture
def asked(at, letters):
    """A browser that asked for a code, and the letter."""

    async def asked(email=ADDRESS, next="/chamados", browser=None):
        browser = browser or at()
        browser.token = token_of(await browser.page("/entrar"))
        response = await browser.post("/entrar", email=email, next=next)
        assert (response.status_code, response.headers["location"]) == (303, "/entrar/codigo"), response.text
        return browser, letters()[-1]

    return asked


async def signed_in_as(browser):
    """The name in the header, or None."""
    html = (await browser.get("/artigos")).text
    found = re.search(r'class="who".*?title="([^"]+)"', html, re.DOTALL)
    return found[1] if found else None


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_a_code_signs_its_browser_in_and_leads_to_the_page_wanted(asked):
    browser, letter = await asked(next="/chamados/PC-1001?x=1")
    response = await browser.post("/entrar/codigo", code=f" {letter['code'][:3]} {letter['code'][3:]} ")
    assert (response.status_code, response.headers["location"]) == (303, "/chamados/PC-1001?x=1")
    assert letter["to"] == ADDRESS and await signed_in_as(browser) == ADDRESS


async def test_the_cookie_of_a_session_is_out_of_reach_of_scripts_and_other_sites(asked):
    browser, letter = await asked()
    cookies = (await browser.post("/entrar/codigo", code=letter["code"])).headers.get_list("set-cookie")
    cookie = next(cookie for cookie in cookies if cookie.startswith(SESSION_COOKIE)).lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie
    assert "secure" not in cookie  # this gateway is reached by http


async def test_a_gateway_reached_by_https_sends_its_cookies_over_https_only(asked, assembly):
    browser, letter = await asked()
    assembly.settings = assembly.settings.model_copy(update={"public_url": "https://suporte.example"})
    cookies = (await browser.post("/entrar/codigo", code=letter["code"])).headers.get_list("set-cookie")
    assert "secure" in next(cookie for cookie in cookies if cookie.startswith(SESSION_COOKIE)).lower()


async def test_a_wrong_code_signs_nobody_in_and_the_right_one_still_does(asked):
    browser, letter = await asked()
    response = await browser.post("/entrar/codigo", code=wrong(letter["code"]))
    assert response.status_code == 422 and "não confere" in response.text
    assert await signed_in_as(browser) is None
    assert (await browser.post("/entrar/codigo", code=letter["code"])).status_code == 303


async def test_after_five_wrong_tries_the_right_code_is_too_late(asked):
    browser, letter = await asked()
    for _ in range(5):
        await browser.post("/entrar/codigo", code=wrong(letter["code"]))
    assert (await browser.post("/entrar/codigo", code=letter["code"])).status_code == 422


async def test_a_code_is_worth_nothing_after_a_quarter_of_an_hour(asked, clock):
    browser, letter = await asked()
    clock.advance(minutes=15, seconds=1)
    assert (await browser.post("/entrar/codigo", code=letter["code"])).status_code == 422


async def test_a_code_works_once(asked, at):
    browser, letter = await asked()
    visit, token = browser.http.cookies[VISIT_COOKIE], browser.token
    await browser.post("/entrar/codigo", code=letter["code"])
    copy = at()
    copy.http.cookies.set(VISIT_COOKIE, visit)
    copy.token = token
    assert (await copy.post("/entrar/codigo", code=letter["code"])).status_code == 422


async def test_a_code_is_worth_nothing_in_another_browser(asked, at):
    _, letter = await asked()
    other = at()
    other.token = token_of(await other.page("/entrar"))
    assert (await other.post("/entrar/codigo", code=letter["code"])).status_code == 422


async def test_codes_and_links_are_kept_as_hashes_and_forgotten_in_the_letter_once_sent(asked, assembly):
    _, letter = await asked()
    with assembly.database.read() as connection:
        row = str(tuple(connection.execute(select(sign_in_codes)).one()))
    assert letter["code"] not in row and letter["link"] not in row
    await assembly.deliverer.deliver_due()
    with assembly.database.read() as connection:
        assert connection.execute(select(outbox.c.payload).where(outbox.c.kind == "sign_in")).scalar() == {}


async def test_the_letter_brings_code_and_link_to_the_address(asked, assembly):
    _, letter = await asked()
    await assembly.deliverer.deliver_due()
    (mail,) = (assembly.settings.home / "mail").glob("*.eml")
    assert letter["code"] in mail.read_text() and f"To: {ADDRESS}" in mail.read_text()
    assert "/entrar/link/" in mail.read_text()


async def test_every_address_gets_the_same_answer(at, letters):
    texts = []
    for address in (ADDRESS, "ninguem@nenhures.example"):
        browser = at()
        browser.token = token_of(await browser.page("/entrar"))
        response = await browser.post("/entrar", email=address)
        html = await browser.page("/entrar/codigo")
        texts.append((response.status_code, re.sub(r'value="\w+"', "", html).replace(address, "…")))
    assert texts[0] == texts[1]
    assert [letter["to"] for letter in letters()] == [ADDRESS, "ninguem@nenhures.example"]


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@", "@aurora.example", "ana@aurora", "a b@c.example", "ana@aurora.example\nBcc: x@y.example",
              "ana\0@aurora.example", "x" * 300 + "@aurora.example", "<script>@x.example"]
)  # fmt: skip
async def test_what_is_no_address_gets_a_hint_and_no_letter(at, letters, email):
    browser = at()
    browser.token = token_of(await browser.page("/entrar"))
    response = await browser.post("/entrar", email=email)
    assert response.status_code == 422 and "Confira o e-mail" in response.text and "<script>@" not in response.text
    assert letters() == []


async def test_an_address_is_sent_five_letters_an_hour_at_most(asked, letters, clock, at):
    for _ in range(5):
        await asked()
    browser = at()
    browser.token = token_of(await browser.page("/entrar"))
    response = await browser.post("/entrar", email=ADDRESS)
    assert response.status_code == 429 and "vários códigos" in response.text and len(letters()) == 5
    clock.advance(hours=1, seconds=1)
    await asked()
    assert len(letters()) == 6


async def test_a_client_address_is_the_way_to_twenty_letters_an_hour_at_most(asked, letters, at):
    for n in range(20):
        await asked(email=f"pessoa{n}@aurora.example")
    browser = at()
    browser.token = token_of(await browser.page("/entrar"))
    assert (await browser.post("/entrar", email="outra@aurora.example")).status_code == 429
    assert len(letters()) == 20


async def test_a_link_signs_in_by_its_button_only(asked):
    browser, letter = await asked(next="/chamados/todos")
    for _ in range(3):  # mail scanners open links, some of them several times
        html = await browser.page(f"/entrar/link/{letter['link']}")
        assert ADDRESS in html and "outro navegador" not in html and await signed_in_as(browser) is None
    response = await browser.post(f"/entrar/link/{letter['link']}")
    assert (response.status_code, response.headers["location"]) == (303, "/chamados/todos")
    assert await signed_in_as(browser) == ADDRESS


async def test_a_link_opened_in_another_browser_says_so_and_works(asked, at):
    _, letter = await asked()
    phone = at()
    html = await phone.page(f"/entrar/link/{letter['link']}")
    assert "outro navegador" in html
    phone.token = token_of(html)
    assert (await phone.post(f"/entrar/link/{letter['link']}")).status_code == 303
    assert await signed_in_as(phone) == ADDRESS


async def test_a_link_works_once_and_ends_the_code(asked):
    browser, letter = await asked()
    await browser.post(f"/entrar/link/{letter['link']}")
    response = await browser.get(f"/entrar/link/{letter['link']}")
    assert response.status_code == 404 and "não vale mais" in response.text


async def test_a_code_that_was_used_ends_the_link(asked):
    browser, letter = await asked()
    await browser.post("/entrar/codigo", code=letter["code"])
    assert (await browser.get(f"/entrar/link/{letter['link']}")).status_code == 404


async def test_a_link_is_worth_nothing_after_a_quarter_of_an_hour(asked, clock):
    browser, letter = await asked()
    clock.advance(minutes=15, seconds=1)
    assert (await browser.get(f"/entrar/link/{letter['link']}")).status_code == 404
    assert (await browser.post(f"/entrar/link/{letter['link']}")).status_code == 404


async def test_a_made_up_link_is_no_link(at):
    assert (await at().get("/entrar/link/inventado")).status_code == 404


async def test_the_hosts_token_signs_in_at_once(at):
    browser = at()
    response = await browser.post("/entrar/token", token=ANA.token(), next="/chamados/todos")
    assert (response.status_code, response.headers["location"]) == (303, "/chamados/todos")
    assert await signed_in_as(browser) == ANA.email


async def test_a_token_in_the_address_is_not_taken(at):
    browser = at()
    assert (await browser.get(f"/entrar/token?token={ANA.token()}")).status_code == 405
    assert await signed_in_as(browser) is None


@pytest.mark.parametrize("token", ["", "nada", ANA.token(-60), jwt.encode({"sub": ADDRESS}, SECRET)])
async def test_a_token_that_does_not_count_signs_nobody_in(at, token):
    browser = at()
    await browser.post("/entrar/token", token=token)
    assert await signed_in_as(browser) is None


async def test_a_site_that_nobody_named_cannot_sign_anybody_in_unasked(at):
    browser = at()
    browser.http.headers["Origin"] = ELSEWHERE
    response = await browser.post("/entrar/token", token=CARLA.token())
    assert response.status_code == 200 and CARLA.email in response.text and await signed_in_as(browser) is None
    browser.http.headers["Origin"] = "http://gateway"
    form = {"token": re.search(r'name="token" value="([^"]+)"', response.text)[1], "csrf": token_of(response.text)}
    assert (await browser.post("/entrar/token", **form)).status_code == 303
    assert await signed_in_as(browser) == CARLA.email


async def test_a_site_that_the_settings_name_signs_in_at_once(at, assembly):
    assembly.settings = assembly.settings.model_copy(update={"allowed_origins": f"https://a.example, {ELSEWHERE}/"})
    browser = at()
    browser.http.headers["Origin"] = ELSEWHERE
    assert (await browser.post("/entrar/token", token=ANA.token())).status_code == 303


@pytest.mark.parametrize(
    "next", ["https://mal.example", "//mal.example", "/\\mal.example", "\\\\mal.example", "/\t/mal.example", "javascript:alert(1)",
             "mal.example", "", "/" + "x" * 600, "/a\nSet-Cookie: x=1", "http:///mal.example"]
)  # fmt: skip
async def test_nobody_is_led_to_another_site(asked, next):
    browser, letter = await asked(next=next)
    assert (await browser.post("/entrar/codigo", code=letter["code"])).headers["location"] == "/chamados"
    assert local_path(next) == "/chamados"


@pytest.mark.parametrize("next", ["/chamados", "/chamados/PC-1?feito=x#y", "/artigos?q=não%20abre", "/"])
def test_a_path_of_ours_stays(next):
    assert local_path(next) == next


async def test_whoever_is_not_signed_in_comes_back_to_the_page_they_wanted(at, asked):
    browser = at()
    response = await browser.get("/chamados/todos?status=open&q=n%C3%A3o")
    assert response.headers["location"] == "/entrar?next=%2Fchamados%2Ftodos%3Fstatus%3Dopen%26q%3Dn%25C3%25A3o"
    assert 'value="/chamados/todos?status=open&amp;q=n%C3%A3o"' in await browser.page(response.headers["location"])


async def test_a_session_ends_with_its_time(at, clock):
    browser = at(ANA)
    clock.advance(days=13, hours=23)
    assert await signed_in_as(browser) == ANA.email
    clock.advance(hours=2)
    assert await signed_in_as(browser) is None


async def test_leaving_ends_the_session_for_a_copy_of_the_cookie_too(at):
    browser, thief = at(ANA), at()
    thief.http.cookies.set(SESSION_COOKIE, browser.http.cookies[SESSION_COOKIE])
    assert await signed_in_as(thief) == ANA.email
    response = await browser.post("/sair")
    assert (response.status_code, response.headers["location"]) == (303, "/entrar?saiu=true")
    assert await signed_in_as(browser) is None and await signed_in_as(thief) is None


async def test_leaving_on_one_device_leaves_the_other_signed_in(at):
    office, phone = at(ANA), at(ANA)
    await office.post("/sair")
    assert await signed_in_as(phone) == ANA.email


@pytest.mark.parametrize(
    "path", ["/entrar", "/entrar/codigo", "/entrar/link/x", "/sair", "/chamados/PC-1001/responder"]
)
@pytest.mark.parametrize("csrf", ["", "0" * 64, "ação"])
async def test_a_form_without_this_browsers_token_does_nothing(at, letters, path, csrf):
    browser = at(ANA)
    response = await browser.post(path, csrf=csrf, email=ADDRESS, code="123456", text="oi", key="0" * 32)
    assert response.status_code == 403 and "visita anterior" in response.text
    assert letters() == [] and await signed_in_as(browser) == ANA.email


async def test_a_form_of_another_session_does_nothing(at):
    browser, other = at(ANA), at(ANA)
    assert (await browser.post("/sair", csrf=other.token)).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": ELSEWHERE}, {"Origin": "null"}, {"Origin": "http://gateway.mal.example"}, {"Sec-Fetch-Site": "cross-site"}]
)  # fmt: skip
async def test_a_form_that_another_site_sends_does_nothing_even_with_the_token(at, headers):
    browser = at(ANA)
    browser.http.headers.update(headers)
    assert (await browser.post("/sair")).status_code == 403


async def test_a_sign_in_form_works_only_where_it_was_shown(at, letters):
    """Otherwise another site could sign a person in as somebody else."""
    shown, victim = at(), at()
    token = token_of(await shown.page("/entrar"))
    await victim.get("/entrar")
    assert (await victim.post("/entrar", csrf=token, email=ADDRESS)).status_code == 403 and letters() == []


def test_a_session_is_no_identity_token_and_an_identity_token_no_session(clock):
    cookie = seal(new_session(ADDRESS, clock(), timedelta(days=365 * 50)), SECRET, clock())
    with pytest.raises(NotAuthenticated):
        read_token(cookie, SECRET)
    assert unseal(cookie, SECRET, clock()).email == ADDRESS
    assert unseal(ANA.token(), SECRET, clock()) is None
    assert unseal(cookie, "outro-segredo-de-32-caracteres-aqui", clock()) is None


async def test_a_session_is_refused_as_a_bearer_token(as_, at):
    cookie = at(ANA).http.cookies[SESSION_COOKIE]
    assert_refused(await as_(token=cookie).get("/api/tickets"), 401)


async def test_the_interface_for_programs_takes_no_cookie(at):
    response = await at(ANA).http.get("/api/tickets", headers={"Accept": "application/json"})
    assert_refused(response, 401)


async def test_what_a_token_said_of_a_person_holds_for_their_later_sessions(as_, assembly):
    await as_(ANA).get("/api/tickets")
    known = identity_of(ANA.email, assembly)
    assert (known.name, known.company, known.role) == (ANA.name, ANA.company, "requester")
    await as_(DAVI).get("/api/tickets")
    assert identity_of(DAVI.email, assembly).role == "agent"


async def test_a_person_is_written_down_again_only_when_changed_or_after_a_day(as_, assembly, clock):
    def seen():
        with assembly.database.read() as connection:
            return connection.execute(select(people.c.seen_at)).scalar_one()

    first = clock()
    await as_(ANA).get("/api/tickets")
    clock.advance(hours=23)
    await as_(ANA).get("/api/tickets")
    assert seen() == first
    clock.advance(hours=1)
    await as_(ANA).get("/api/tickets")
    assert seen() == clock()


async def test_the_newest_token_says_which_company_a_person_is_of(as_, assembly):
    await as_(ANA).get("/api/tickets")
    moved = jwt.encode({"sub": ANA.email, "company": "Banco Sul", "exp": int(time.time()) + 60}, SECRET)
    await as_(token=moved).get("/api/tickets")
    assert identity_of(ANA.email, assembly).company == "Banco Sul"


def test_an_address_nobody_told_of_has_the_company_of_its_contract(assembly):
    assembly.data.contracts = type("Contracts", (), {"company_of": lambda self, email: "Casa Norte" if "norte" in email else None})()  # fmt: skip
    assert identity_of("bia.souza@norte.example", assembly).company == "Casa Norte"
    assert identity_of("bia@nenhures.example", assembly).company is None


def test_the_company_names_its_agents(assembly):
    assembly.data.company = Company.model_validate(
        {**assembly.data.company.model_dump(), "agents": ["Davi@Suporte.example"]}
    )
    assert identity_of("davi@suporte.example", assembly).role == "agent"
    assert identity_of("eva@suporte.example", assembly).role == "requester"


@pytest.mark.parametrize(
    ("email", "name"), [("ana.prado@x.example", "Ana Prado"), ("joão_silva2@x.example", "João Silva"), ("42@x.example", "42@x.example")]
)  # fmt: skip
def test_an_address_tells_a_name_where_nobody_did(email, name):
    assert name_from(email) == name


async def test_the_conversation_knows_who_is_signed_in_and_nobody_else(at):
    token = re.search(r'data-token="([^"]+)"', await at(ANA).page("/"))[1]
    # The tests' clock stands in the past, where such a token has run out.
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_exp": False})
    assert (claims["sub"], claims["company"]) == (ANA.email, ANA.company)
    assert "data-token" not in await at().page("/")


async def test_the_conversation_knows_the_person_no_longer_than_the_session_lasts(at, clock):
    ana = at(ANA)
    clock.advance(days=13, hours=23)
    token = re.search(r'data-token="([^"]+)"', await ana.page("/"))[1]
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_exp": False})
    assert claims["exp"] == int((clock() + timedelta(hours=1)).timestamp())


def test_a_token_we_make_is_one_we_read(assembly):
    person, ends = read_token(ANA.token(), SECRET), datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)
    session = Session(ANA.email, "um", assembly.now(), ends)
    assert read_token(make_token(person, session, SECRET, ends), SECRET) == replace(person, session=session)


async def test_pages_of_a_person_are_kept_nowhere(at):
    assert (await at(ANA).get("/chamados")).headers["cache-control"] == "no-store"


async def test_claims_that_no_database_keeps_are_cleaned(as_, assembly):
    odd = jwt.encode({"sub": "odd@x.example", "name": "A\0na\ud800", "exp": int(time.time()) + 60}, SECRET)
    assert (await as_(token=odd).get("/api/tickets")).status_code == 200
    assert identity_of("odd@x.example", assembly).name == "Ana"
