"""What hostile words, names and pages can do in a real browser: nothing."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.async_api import expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from agentcore.testing import ScriptedModel
from tests.browser.conftest import Open
from tests.browser.visitor import Visitor
from tests.house import call, calls
from tests.simulators.loopback import serving
from tests.web_site import site_of

RUN = "window.__ran=1"
FAR = "//elsewhere.example"
ATTACKS = [
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</textarea><img src=x onerror={RUN}>",
    f"<img src=x onerror={RUN}>",
    f"<img src={FAR}/pixel.png>",
    f"<image href=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><script>{RUN}</script></svg>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src={FAR}></iframe>",
    f"<object data={FAR}></object>",
    f"<embed src={FAR}>",
    f"<link rel=stylesheet href={FAR}/x.css>",
    f"<style>@import '{FAR}/x.css'; * {{ background: url({FAR}) }}</style>",
    f"<base href={FAR}/>",
    f"<meta http-equiv=refresh content='0;url={FAR}'>",
    f"<form action={FAR}><input name=x autofocus onfocus={RUN}></form>",
    f"<details open ontoggle={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    f"<body onload={RUN}>",
    f"<marquee onstart={RUN}>",
    f"<a href='javascript:{RUN}'>x</a>",
    f"<template><img src=x onerror={RUN}></template>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<xmp><p title='</xmp><img src=x onerror={RUN}>'>",
    f"<!--><img src=x onerror={RUN}>-->",
    f"<![CDATA[<img src=x onerror={RUN}>]]>",
    f"&lt;img src=x onerror={RUN}&gt;",
    f"&#60;img src=x onerror={RUN}&#62;",
    f"\\x3cimg src=x onerror={RUN}\\x3e",
    f"![x]({FAR}/pixel.png)",
    f"![x](https:{FAR}/pixel.png)",
    f'![x](x "onerror={RUN}")',
    f"[x](javascript:{RUN})",
    f"[x](JaVaScRiPt:{RUN})",
    f"[x](data:text/html,<script>{RUN}</script>)",
    f"[x](vbscript:{RUN})",
    f"[x](java&#x09;script:{RUN})",
    f"<javascript:{RUN}>",
    f"[a]: javascript:{RUN}\n\n[a]",
    f"`<img src=x onerror={RUN}>`",
    f"```html\n<img src=x onerror={RUN}>\n```",
    f"| a |\n|---|\n| <img src=x onerror={RUN}> |",
    f"{{{{ constructor.constructor('{RUN}')() }}}}",
    f"${{{RUN}}}",
    f"{{% raw %}}<script>{RUN}</script>",
    "\u202egnp.exe \u2066 \u200b \ufeff",
    "\u0000<script>window.__ran=1</script>",
    "</" + "div>" * 50,
]

ALLOWED = {
    "a", "blockquote", "br", "button", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "li", "ol", "p", "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "time",
    "tr", "ul",
}  # fmt: skip


async def is_unharmed(one: Visitor) -> None:
    """Nothing ran, nothing that can run is there. The fixture looks at requests and the console."""
    assert await one.page.evaluate("() => window.__ran") is None
    inside = "#log .body *, #log .answer *, #log .remark *, #blocks .text *"
    tags = await one.page.locator(inside).evaluate_all("all => all.map(each => each.localName)")
    assert not set(tags) - ALLOWED
    hrefs = "() => [...document.querySelectorAll('#log a')].map(each => each.protocol)"
    assert set(await one.page.evaluate(hrefs)) <= {"http:", "https:", ":"}  # ":" is no link


async def test_hostile_replies_and_messages_are_only_text(tmp_path: Path, visitor: Open) -> None:
    together = "\n\n".join(ATTACKS)
    async with site_of(tmp_path, ScriptedModel(*ATTACKS, together)) as site:
        ada = await visitor(site.url)
        for number, attack in enumerate([*ATTACKS, together], start=1):
            await ada.say(attack if attack.strip() else "x")
            await expect(ada.log.locator(".theirs")).to_have_count(number)
        await is_unharmed(ada)
        await ada.page.reload()
        await expect(ada.log.locator(".theirs").last).to_be_visible()
        await is_unharmed(ada)
        await ada.page.get_by_role("button", name="Show earlier").click()
        await expect(ada.log.locator(".theirs")).to_have_count(50)
        await is_unharmed(ada)


async def test_a_hostile_memory_is_only_text(tmp_path: Path, visitor: Open) -> None:
    lines = "\n".join(attack.replace("\n", " ") for attack in ATTACKS)
    kept = calls(call("memory_insert", json.dumps({"label": "human", "new_string": lines})))
    async with site_of(tmp_path, ScriptedModel(kept, "Noted.")) as site:
        ada = await visitor(site.url)
        await ada.say("Remember this.")
        await ada.hears("Noted.")
        await expect(ada.about_me()).to_have_count(len(ATTACKS))
        await ada.say("/memory")
        await expect(ada.log.locator(".answer")).to_have_count(1)
        await is_unharmed(ada)
        await ada.say(f"/{'a' * 20} {ATTACKS[0]}")
        await ada.say("/persona <img src=x onerror=window.__ran=1>")
        await expect(ada.log.locator(".answer")).to_have_count(3)
        await is_unharmed(ada)


async def test_a_hostile_template_is_only_text(tmp_path: Path, visitor: Open) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    hostile = f"</script><img src=x onerror={RUN}><script>{RUN}</script>"
    blocks = [{"label": name, "description": hostile} for name in ("human", "persona")]
    template = {
        "name": "hostile", "version": 1, "description": hostile, "language": "en",
        "system": hostile, "greeting": hostile, "blocks": blocks,
    }  # fmt: skip
    (folder / "hostile.yaml").write_text(json.dumps(template))
    async with site_of(tmp_path, ScriptedModel("Hi."), templates_dir=folder) as site:
        ada = await visitor(site.url + "/?x=" + hostile + "#" + hostile)
        card = ada.page.locator('#personas [data-persona="hostile"]')
        await expect(card).to_contain_text("<img src=x")
        await card.click()
        await expect(ada.log.locator(".answer")).to_have_count(1)
        await ada.say("Hello")
        await ada.hears("Hi.")
        await is_unharmed(ada)


ATTACKING = """
<!doctype html><title>elsewhere</title>
<form id=form method=post action="{target}/chat/messages" enctype="text/plain" target=frame>
  <input name='{{"text":"forged","client_id":"12345678","x":"' value='"}}'></form>
<iframe name=frame id=frame></iframe><iframe id=page src="{target}/"></iframe>
<script>
  const options = {{ method: "POST", credentials: "include", mode: "no-cors", body: '{{"text":"forged","client_id":"12345678"}}' }};
  const read = () => fetch("{target}/chat/history", {{ credentials: "include" }}).then(() => "read", () => "kept");
  window.attack = async () => {{
    document.getElementById("form").submit();
    await fetch("{target}/chat/messages", options).catch(() => null);
    const feed = await new Promise((done) => {{
      const source = new EventSource("{target}/chat/events", {{ withCredentials: true }});
      source.onmessage = source.onopen = () => done("followed");
      source.onerror = () => done("kept");
    }});
    return [await read(), feed];
  }};
</script>
"""


async def test_a_page_from_elsewhere_neither_writes_nor_reads(
    tmp_path: Path, visitor: Open
) -> None:
    async with site_of(tmp_path, ScriptedModel("Hello.")) as site:
        ada = await visitor(site.url)
        await ada.say("Hi")
        await ada.hears("Hello.")

        async def elsewhere(_: Request) -> HTMLResponse:
            return HTMLResponse(ATTACKING.format(target=site.url))

        async with serving(Starlette(routes=[Route("/", elsewhere)])) as far:
            tab = await ada.context.new_page()
            await tab.goto(far.replace("127.0.0.1", "localhost"))
            assert await tab.evaluate("() => window.attack()") == ["kept", "kept"]
            framed = tab.frame(url=lambda url: url.startswith(site.url))
            assert framed is None or not await framed.locator("#composer").count()
            await tab.close()
        await ada.page.reload()
        await ada.hears("Hello.")
        assert await ada.messages() == ["Hi", "Hello."]
