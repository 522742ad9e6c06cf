"""The console in a real Chromium: looked at, used without a mouse, without JavaScript, and with hostile content."""

import contextlib
import hashlib
from typing import Any

from conversation_genome.annotation import Outcome
from conversation_server.web.rendering import PAGES
from tests_ap.environment import ROOT
from tests_ap.integration.server.chromium import Watched, browser, needs_chromium, served
from tests_ap.unit.server.rig import KEY, ServerCase, record, submission, tasks_of

SCREENSHOTS = ROOT / "test-reports" / "console"
HOSTILE = "<img src=x onerror=\"document.title='broken in'\"><script>document.title='broken in'</script>"
LOOKS: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("light", {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}, ()),
    (
        "dark phone",
        {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
        ("color-contrast", "target-size"),
    ),
)


@needs_chromium
class BrowserTest(ServerCase):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.stack = contextlib.AsyncExitStack()
        self.addAsyncCleanup(self.stack.aclose)
        self.address = await self.stack.enter_async_context(served(self.app))
        self.running = await self.stack.enter_async_context(browser())

    async def window(self, **options: Any) -> Watched:
        window = await Watched.open(self.running, self.address, **options)
        await window.log_in(KEY)
        return window

    async def some_work(self) -> None:
        """Grade a conversation with hostile content, and leave another one waiting."""
        talk = record("first", lines=40)
        talk["lines"][3][1] += HOSTILE
        bundle = await self.leased(talk, record("second"))
        for window_id in tasks_of(bundle):
            await self.alice.submit(submission(bundle, window_id, words=("cheese", HOSTILE[:64])))
            late = submission(bundle, window_id, "miner-1", outcome=Outcome.LATE, answer=None, detail=HOSTILE)
            await self.alice.submit(late)
        await self.alice.complete(bundle.lease_id)
        while await self.server.merger.merge_next():
            pass
        await self.alice.lease()

    async def test_every_page_can_be_used_by_everybody_and_asks_nobody_else(self) -> None:
        await self.some_work()
        paths = [address for _, _, address, _ in PAGES]
        paths += ["/conversations/first", "/miners/miner-0", "/search?q=cheese"]
        paths += ["/search/tags/cheese", "/search/trends", "/search/similar/first"]
        for look, options, rules in LOOKS:
            window = await self.window(**options)
            pictures = set()
            for path in paths:
                with self.subTest(path, look=look):
                    self.assertEqual(await window.go(path), 200)
                    self.assertEqual(await window.barriers(*rules), [])
                    self.assertFalse(await window.is_too_wide())
                    self.assertNotEqual(await window.page.title(), "broken in")
                    name = f"{path.strip('/').replace('/', '-').partition('?')[0] or 'overview'} {look}.png"
                    picture = await window.page.screenshot(path=SCREENSHOTS / name, full_page=True)
                    pictures.add(hashlib.sha256(picture).hexdigest())
            self.assertEqual(len(pictures), len(paths), "every page looks like itself")
            self.assertEqual((window.complaints, window.elsewhere), ([], []))
            await window.context.close()

    async def test_everything_can_be_read_and_sent_without_javascript(self) -> None:
        window = await self.window(java_script_enabled=False)
        await window.go("/imports")
        await window.page.set_input_files(
            "#file",
            {"name": "talk.txt", "mimeType": "text/plain", "buffer": b"Ada: The glacier is old.\nBo: Is it?\n" * 9},
        )
        await window.page.click("main form button")
        await window.page.wait_for_selector(".badge.u-done")  # the page reloads itself until then
        await window.go("/conversations?text=glacier")
        await window.page.click("a.id")
        self.assertIn("The glacier is old.", await window.page.inner_text(".talk"))
        await window.page.click("text=Delete this conversation")
        await window.page.click("text=Delete it for good")
        self.assertIn("Removed from the database", await window.page.inner_text("main"))
        await window.page.click("text=To the conversations")
        self.assertEqual(await window.page.locator("a.id").count(), 0)

    async def test_the_keyboard_gets_everywhere_and_sees_where_it_is(self) -> None:
        await self.admin.import_records([record("first")])
        window = await self.window()
        await window.page.keyboard.press("Tab")
        self.assertEqual(await window.page.inner_text(":focus"), "Skip to the content")
        await window.page.keyboard.press("Enter")
        self.assertEqual(await window.page.evaluate("document.activeElement.id"), "main")
        await window.go("/conversations")
        for _ in range(40):
            await window.page.keyboard.press("Tab")
            if await window.page.evaluate("document.activeElement.className") == "id":
                break
        outline = await window.page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        self.assertEqual(outline, "3px")
        await window.page.keyboard.press("Enter")
        await window.page.wait_for_url("**/conversations/first")

    async def test_the_overview_keeps_itself_fresh_until_it_is_told_to_stop(self) -> None:
        window = await self.window()
        waiting = ".facts div:first-child dd"
        self.assertEqual(await window.page.inner_text(waiting), "0")
        await window.page.evaluate("window.isTheSamePage = true")
        await self.admin.import_records([record("first")])
        await window.page.wait_for_selector(f"{waiting}:text-is('1')", timeout=20_000)
        self.assertTrue(await window.page.evaluate("window.isTheSamePage"))
        await window.page.click("[data-pause]")
        self.assertEqual(await window.page.get_attribute("[data-pause]", "aria-pressed"), "true")
        self.assertEqual((window.complaints, window.elsewhere), ([], []))
