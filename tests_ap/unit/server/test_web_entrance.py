"""The way in: log-in by API key, sessions that end with their key, forms that no other site can send."""

from conversation_genome.protocol.administration import KeyRequest, Scope
from conversation_server.services.keys import BOOTSTRAP
from conversation_server.services.sessions import SESSION_SECONDS
from conversation_server.web.rendering import PAGES
from tests_ap.unit.server.rig import KEY
from tests_ap.unit.server.web_rig import FORM, WebCase


class EntranceTest(WebCase):
    async def new_key(self, *scopes: Scope) -> tuple[str, str]:
        made = await self.server.keys.create(KeyRequest(name="somebody", scopes=scopes), BOOTSTRAP)
        return made.key, made.details.id

    async def test_nobody_sees_a_page_without_logging_in(self) -> None:
        stranger = self.browser()
        for _, _, address, _ in PAGES:
            response = await stranger.get(f"/console{address}")
            self.assertEqual(response.status_code, 303, address)
            self.assertTrue(response.headers["location"].startswith("/console/login?next="), address)

    async def test_the_bare_address_leads_to_the_console(self) -> None:
        self.assertEqual((await self.browser().get("/")).headers["location"], "/console")

    async def test_the_cookie_is_kept_from_scripts_and_other_sites_and_is_secure_behind_tls(self) -> None:
        cookie = (await self.log_in(self.browser(), KEY)).headers["set-cookie"]
        for part in ("HttpOnly", "SameSite=strict", "Path=/console", f"Max-Age={SESSION_SECONDS:.0f}"):
            self.assertIn(part, cookie)
        self.assertNotIn("Secure", cookie)
        over_tls = self.browser()
        over_tls.base_url = "https://server"
        response = await over_tls.post("/console/login", data={"key": KEY}, headers={"origin": "https://server"})
        self.assertIn("Secure", response.headers["set-cookie"])

    async def test_a_wrong_key_is_refused_and_shown_nowhere(self) -> None:
        response = await self.log_in(self.browser(), "a key that nobody has")
        self.assertEqual(response.status_code, 403)
        self.assertNotIn("set-cookie", response.headers)
        self.assertNotIn("a key that nobody has", response.text)

    async def test_a_key_that_may_not_read_opens_no_session(self) -> None:
        key, _ = await self.new_key(Scope.IMPORT)
        self.assertEqual((await self.log_in(self.browser(), key)).status_code, 403)

    async def test_a_session_ends_with_its_time_its_key_and_the_log_out(self) -> None:
        key, key_id = await self.new_key(Scope.READ)
        reader, brief = self.browser(), self.browser()
        await self.log_in(reader, key)
        self.assertEqual((await reader.get("/console")).status_code, 200)
        await self.server.keys.revoke(key_id)
        self.assertEqual((await reader.get("/console")).status_code, 303)
        await self.log_in(brief, KEY)
        await self.send("/logout")
        self.assertEqual((await self.http.get("/console")).status_code, 303)
        self.assertEqual((await brief.get("/console")).status_code, 200)
        self.clock.now += SESSION_SECONDS + 1
        self.assertEqual((await brief.get("/console")).status_code, 303)

    async def test_the_database_holds_no_token(self) -> None:
        token = self.http.cookies["cgp_session"]
        self.assertNotIn(token.encode(), (self.folder / "server.sqlite").read_bytes())
        self.assertNotIn(token.encode(), (self.folder / "server.sqlite-wal").read_bytes())

    async def test_whoever_may_only_read_gets_no_further(self) -> None:
        key, _ = await self.new_key(Scope.READ)
        self.http = self.browser()
        await self.log_in(self.http, key)
        for _, _, address, scope in PAGES:
            response = await self.http.get(f"/console{address}")
            self.assertEqual(response.status_code, 200 if scope is None else 403, address)
        self.assertEqual((await self.send("/conversations/delete", id="first")).status_code, 403)

    async def test_a_form_needs_the_sessions_token_and_our_own_origin(self) -> None:
        csrf = await self.csrf()
        for fields, headers in (
            ({"csrf": csrf}, {}),
            ({"csrf": csrf}, {"origin": "http://elsewhere"}),
            ({"csrf": csrf}, {"origin": "null"}),
            ({"csrf": csrf}, {"origin": "null", "sec-fetch-site": "cross-site"}),
            ({"csrf": "0" * 64}, FORM),
            ({"csrf": "ä"}, FORM),
            ({}, FORM),
        ):
            response = await self.http.post("/console/logout", data=fields, headers=headers)
            self.assertEqual(response.status_code, 403, (fields, headers))
        self.assertEqual((await self.http.get("/console")).status_code, 200)

    async def test_the_log_in_leads_to_pages_of_the_console_alone(self) -> None:
        for target, place in (
            ("/console/miners?x=1", "/console/miners?x=1"),
            ("https://elsewhere/", "/console"),
            ("//elsewhere/", "/console"),
            ("/console/\\elsewhere", "/console"),
            ("/console/logout", "/console"),
        ):
            data = {"key": KEY, "next": target}
            response = await self.browser().post("/console/login", data=data, headers=FORM)
            self.assertEqual(response.headers["location"], place, target)

    async def test_every_page_forbids_what_is_inline_and_what_is_elsewhere(self) -> None:
        for path in ("/console", "/console/login", "/console/nowhere"):
            response = await self.http.get(path)
            policy = response.headers["content-security-policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertNotIn(" style=", response.text)
            self.assertEqual(response.headers["cache-control"], "no-store")

    async def test_only_the_files_of_the_console_are_served(self) -> None:
        self.assertEqual((await self.http.get("/console/static/console.css")).status_code, 200)
        for name in ("..%2Fpages.py", "%2Fetc%2Fpasswd", "nothing.css"):
            self.assertEqual((await self.http.get(f"/console/static/{name}")).status_code, 404, name)
