"use strict";
// Draws nothing itself: swaps the parts the server drew anew, and sends what is pressed and typed.
const seen = JSON.parse(document.body.dataset.seen);
const dialog = document.getElementById("dialog");
const toast = document.getElementById("toast");
const shown = new Map();
let etag = seen.etag;
let quiet = 0;

function say(text) {
  toast.textContent = text;
  clearTimeout(quiet);
  if (text) quiet = setTimeout(() => { toast.textContent = ""; }, 7000);
}

function typed(form) {
  const values = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.type === "checkbox") {
      values[field.name] ??= [];
      if (field.checked) values[field.name].push(field.value);
    } else if (field.type === "radio") {
      values[field.name] ??= "";
      if (field.checked) values[field.name] = field.value;
    } else if (field.multiple) {
      values[field.name] = [...field.selectedOptions].map((one) => one.value);
    } else {
      values[field.name] = field.value;
    }
  }
  return values;
}

function swap(id, html) {
  if (shown.get(id) === html) return;
  const place = document.getElementById(id);
  shown.set(id, html);
  const atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 80;
  const open = new Set([...place.querySelectorAll("details[open][data-keep]")].map((one) => one.dataset.keep));
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.control : null;
  place.innerHTML = html;
  for (const one of place.querySelectorAll("details[data-keep]")) one.open = open.has(one.dataset.keep);
  if (focused) place.querySelector(`[data-control="${CSS.escape(focused)}"]`)?.focus();
  if ((id === "stream" || id === "thread") && atEnd) toEnd(place);
}

function toEnd(place) {
  if (!document.body.classList.contains("is-home") || place.id !== "stream") place.scrollTop = place.scrollHeight;
}

function swapDialog(html) {
  if (shown.get("dialog") === html) return;
  shown.set("dialog", html);
  const before = dialog.querySelector("form");
  const kept = before ? typed(before) : {};
  const view = before?.dataset.view;
  dialog.innerHTML = html;
  const now = dialog.querySelector("form");
  if (now && now.dataset.view === view) retype(now, kept);
  showDialog();
}

function retype(form, values) {
  for (const field of form.elements) {
    if (!(field.name in values)) continue;
    const value = values[field.name];
    if (field.type === "checkbox") field.checked = value.includes(field.value);
    else if (field.type === "radio") field.checked = value === field.value;
    else if (field.multiple) for (const one of field.options) one.selected = value.includes(one.value);
    else field.value = value;
  }
}

function showDialog() {
  const filled = dialog.firstElementChild !== null;
  if (filled && !dialog.open) {
    dialog.showModal();
    const first = dialog.querySelector(".field input, .field textarea, .field select");
    const chosen = first?.type === "radio" ? dialog.querySelector(`input[name="${CSS.escape(first.name)}"]:checked`) : null;
    (chosen ?? first)?.focus({ preventScroll: true });
  }
  if (!filled && dialog.open) dialog.close();
  const wrong = dialog.querySelector(".wrong");
  wrong?.querySelector("input:not(:checked), textarea, select")?.focus();
  wrong?.querySelector(".error")?.scrollIntoView({ block: "nearest" });
}

function apply(state) {
  etag = state.etag;
  for (const [id, html] of Object.entries(state.parts)) {
    if (id === "dialog") swapDialog(html);
    else swap(id, html);
  }
}

async function look(since) {
  const query = new URLSearchParams(location.search);
  for (const name of ["user", "place", "thread"]) query.set(name, seen[name]);
  query.set("since", since);
  const answer = await fetch("/state?" + query);
  if (answer.status === 200) apply(await answer.json());
}

async function watch() {
  etag = "";
  for (;;) {
    try {
      await look(etag);
      document.body.classList.remove("offline");
    } catch {
      document.body.classList.add("offline");
      say("The sandbox has stopped. Start it again, and this page goes on by itself.");
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

async function act(body, busy) {
  busy?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch("/act", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: seen.user, ...body }),
    });
    say((await answer.json()).said || "");
    await look("");
  } catch {
    say("The sandbox did not answer.");
  } finally {
    busy?.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-verb]");
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || target) menu.open = false;
  }
  if (!target || target.getAttribute("aria-busy")) return;
  const { confirm: question, ...body } = target.dataset;
  if (question && !window.confirm(question)) return;
  act(body, target);
});

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.open || !menu.classList.contains("menu")) return;
  menu.classList.remove("to-left", "up");
  const list = menu.lastElementChild.getBoundingClientRect();
  const pane = (menu.closest(".scroll") ?? document.body).getBoundingClientRect();
  menu.classList.toggle("to-left", list.right > pane.right);
  menu.classList.toggle("up", list.bottom > pane.bottom && list.height < menu.getBoundingClientRect().top - pane.top);
}, true);

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.classList.contains("dialog")) {
    act({ verb: "submit", values: typed(form) }, form.querySelector("[type=submit]"));
    return;
  }
  const line = form.querySelector("input");
  const thread = form.dataset.thread ? seen.thread : "";
  act({ verb: "compose", channel: seen.place, thread, line: line.value }, form.querySelector("[type=submit]"));
  line.value = "";
});

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  act({ verb: "close_view" });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

showDialog();
toEnd(document.getElementById("stream"));
toEnd(document.getElementById("thread"));
if (seen.place === "home") act({ verb: "open_home" });
watch();
