// The console's page stays true by itself: when the server says that something here has news, the page is fetched
// again and its parts marked data-refresh are replaced. What is being typed is never touched.
"use strict";

const desk = document.querySelector(".desk");
const live = document.getElementById("live");
const MINUTE = 60_000;
const SETTLE = 250;

// How the page is kept up to date.

function concerns(news) {
  // Mails that wait are counted on every page.
  if (desk.dataset.live === "all" || news.mails) return true;
  return news.tickets.includes(desk.dataset.ticket) || news.conversations.includes(desk.dataset.conversation);
}

let waiting = 0;
let fetching = false;

function refreshSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, SETTLE);
}

async function refresh() {
  if (fetching) return refreshSoon();
  fetching = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    // Signed out, or gone: the page itself says so when it is loaded.
    if (answer.redirected) return location.reload();
    if (answer.ok) replaceParts(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    show(false);
  } finally {
    fetching = false;
  }
}

function replaceParts(fresh) {
  for (const part of document.querySelectorAll("[data-refresh]")) {
    const next = fresh.getElementById(part.id);
    if (!next || next.innerHTML === part.innerHTML || isBeingUsed(part)) continue;
    const opened = [...part.querySelectorAll("details")].map((one) => one.open);
    part.replaceChildren(...next.childNodes);
    part.querySelectorAll("details").forEach((one, at) => { if (at in opened) one.open = opened[at]; });
  }
  const typed = [...document.querySelectorAll(".desk textarea")].some((one) => one.value !== one.defaultValue);
  // Whoever is writing is told before sending that others did something; see `visto` on the server.
  if (!typed) copyValues(fresh, "[data-seen]");
}

// Focus inside a part would be lost with it. The minute or the next news brings it up to date.
function isBeingUsed(part) {
  return part.contains(document.activeElement) && document.activeElement !== document.body;
}

function copyValues(fresh, selector) {
  const values = [...fresh.querySelectorAll(selector)].map((one) => one.value);
  document.querySelectorAll(selector).forEach((one, at) => { if (values[at]) one.value = values[at]; });
}

function show(connected) {
  const text = connected ? live.dataset.connected : live.dataset.broken;
  live.className = connected ? "live on" : "live off";
  if (live.textContent !== text) live.textContent = text;
}

if (desk.dataset.live) {
  const events = new EventSource(desk.dataset.liveFrom);
  // Also after a break: from here on nothing is missed, and what came before is fetched.
  events.addEventListener("ready", () => {
    show(true);
    refreshSoon();
  });
  events.addEventListener("error", () => show(false));
  events.addEventListener("news", (event) => {
    show(true);
    if (concerns(JSON.parse(event.data))) refreshSoon();
  });
  setInterval(refresh, MINUTE);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshSoon(); });
}

// One-key shortcuts, which can be turned off.

const keysOn = document.getElementById("keys-on");
keysOn.checked = localStorage.getItem("console-keys") !== "off";
keysOn.addEventListener("change", () => localStorage.setItem("console-keys", keysOn.checked ? "on" : "off"));

function move(step) {
  const items = [...document.querySelectorAll("a.item")];
  const at = items.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : items.length - 1) : at + step;
  items[Math.max(0, Math.min(items.length - 1, next))]?.focus();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  r: () => document.querySelector("[data-reply]")?.focus(),
  c: () => location.assign("/console"),
  e: () => location.assign("/console/emails"),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (!keysOn.checked || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

document.getElementById("recusa")?.focus();

// A picture that none can be made of leaves its name.
document.addEventListener("error", (event) => { if (event.target.matches(".files img")) event.target.remove(); }, true);
document.querySelectorAll(".files img").forEach((one) => { if (one.complete && !one.naturalWidth) one.remove(); });
