"""The one frame of every page of the gate: no resource from elsewhere, nothing inline but what its policy names by digest.

Text becomes markup in one place, `tag`, which escapes whatever is not `Html` already. Pages work without JavaScript wherever
the browser alone can do the work, follow the reader's light or dark, and fit a phone.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from fastapi.responses import HTMLResponse

from bot.handlers.identity.logins import cookie_name

VOID = {"input", "meta", "br", "hr"}
STYLE = """
:root{color-scheme:light dark;--ink:#1c2530;--soft:#56616d;--line:#cfd6de}
:root{--paper:#fff;--ground:#f2f4f7;--deed:#0b5cad;--bad:#a4262c}
@media (prefers-color-scheme:dark){
:root{--ink:#e7ebf0;--soft:#a5b0bc;--line:#3b4652;--paper:#1b222a;--ground:#11161b;--deed:#5aa9ff;--bad:#ff8a80}
}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:36rem;margin:0 auto;padding:1.25rem 1rem 3rem}
header{font-weight:600;color:var(--soft);margin-bottom:.75rem}
article{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;padding:1.25rem}
h1{font-size:1.35rem;line-height:1.25;margin:0 0 .75rem}
h2{font-size:1.05rem;margin:1.5rem 0 .5rem}
p,dl,ul{margin:.75rem 0}
dl{border:1px solid var(--line);border-radius:.4rem;padding:.75rem}
dt{color:var(--soft);font-size:.9rem}
dd{margin:0 0 .6rem;font-weight:600;overflow-wrap:anywhere}
dd:last-child{margin-bottom:0}
pre{overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);border-radius:.4rem;padding:.75rem}
small,.soft{color:var(--soft)}
.bad{color:var(--bad)}
code{overflow-wrap:anywhere}
form{margin:.75rem 0}
label{display:block;margin-bottom:.3rem}
input[type=text]{width:100%;padding:.7rem;font:inherit;color:var(--ink)}
input[type=text]{background:var(--ground);border:1px solid var(--soft);border-radius:.4rem}
input[type=text]:focus-visible,pre:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
button,a.button{display:block;width:100%;padding:.8rem 1rem;font:inherit;font-weight:600;text-align:center;border-radius:.4rem}
button,a.button{border:1px solid var(--deed);background:transparent;color:var(--deed);cursor:pointer;text-decoration:none}
button.primary,a.primary{background:var(--deed);color:var(--paper)}
button.danger{border-color:var(--bad);color:var(--bad)}
button:focus-visible,a:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
button[disabled]{opacity:.5;cursor:default}
a{color:var(--deed)}
ol.waits{list-style:none;margin:1rem 0;padding:0}
ol.waits li{border-top:1px solid var(--line);padding:.75rem 0;overflow-wrap:anywhere}
ol.waits p{margin:.15rem 0}
ol.waits .head{display:flex;justify-content:space-between;gap:1rem}
ol.waits .age{white-space:nowrap;font-variant-numeric:tabular-nums}
[hidden]{display:none}
"""


class Html(str):
    """Markup, safe as it stands. Only `tag` and `joined` make it of other people's text."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str) -> Html:
    """An element. Children that are no `Html` and all attribute values are escaped.

    `class_` is written as `class`, other underscores as hyphens (`data_token`); an attribute of the empty string stands alone.
    """
    said = "".join(_attribute(key, value) for key, value in attributes.items())
    inner = "" if name in VOID else f"{joined(*children)}</{name}>"
    return Html(f"<{name}{said}>{inner}")


def joined(*parts: str) -> Html:
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def _attribute(key: str, value: str) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f' {name}="{escape(value)}"' if value else f" {name}"


def facts(rows: Mapping[str, str]) -> Html:
    """What is at stake, name by name."""
    return tag("dl", *(joined(tag("dt", name), tag("dd", value)) for name, value in rows.items()))


@dataclass(frozen=True, slots=True)
class Button:
    """A form of one button. `fields` travel along hidden; `Caller.button` adds the browser's own word to them."""

    action: str
    label: str
    fields: Mapping[str, str]
    style: str = ""
    """`primary`, `danger` or nothing."""

    def html(self) -> Html:
        hidden = [tag("input", type="hidden", name=name, value=value) for name, value in self.fields.items()]
        look = {"class_": self.style} if self.style else {}
        return tag("form", *hidden, tag("button", self.label, type="submit", **look), method="post", action=self.action)


@dataclass(frozen=True, slots=True)
class Page:
    """A page to show. `script` is the one script it runs; `data` is handed to that script as JSON, in the element `#data`."""

    title: str
    body: tuple[Html, ...]
    status: int = 200
    script: str = ""
    data: object = None
    onward: str = ""
    """Where the browser goes on to by itself."""


def show(page: Page, cookie: str = "", secure: bool = True) -> HTMLResponse:
    """The answer. `cookie` is what the browser carries from now on (`bot.handlers.identity.logins.browser_cookie`)."""
    answer = HTMLResponse(document(page), page.status, _headers(page))
    if cookie:
        keep_cookie(answer, cookie, secure)
    return answer


def keep_cookie(answer: HTMLResponse, cookie: str, secure: bool) -> None:
    """For the pages of an errand alone; it is not sent where another site makes the request, but for plain navigation."""
    name = cookie_name(secure)
    answer.set_cookie(name, cookie, max_age=900, path="/", secure=secure, httponly=True, samesite="lax")


def document(page: Page) -> str:
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="robots", content="noindex"),
        tag("title", f"{page.title} · llmgate"),
        tag("style", Html(STYLE)),
    ]
    if page.onward:
        head.append(tag("meta", http_equiv="refresh", content=f"0;url={page.onward}"))
    body = [tag("main", tag("header", "llmgate"), tag("article", tag("h1", page.title), *page.body))]
    if page.script:
        body.append(tag("script", Html(_json(page.data)), type="application/json", id="data"))
        body.append(tag("script", Html(page.script)))
    return "<!doctype html>" + tag("html", tag("head", *head), tag("body", *body), lang="en")


def _json(data: object) -> str:
    """JSON that can stand inside of a script element, whatever is in it."""
    return json.dumps(data).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _headers(page: Page) -> dict[str, str]:
    rules = ["default-src 'none'", f"style-src {_digest(STYLE)}", "form-action 'self'", "base-uri 'none'"]
    rules.append("frame-ancestors 'none'")
    if page.script:
        rules += [f"script-src {_digest(page.script)}", "connect-src 'self'"]
    return {
        "Content-Security-Policy": "; ".join(rules),
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "publickey-credentials-create=(self), publickey-credentials-get=(self)",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
