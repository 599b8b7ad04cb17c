// A help, never a need: every page works without it.
"use strict";

// The browser's time zone, until a person chooses another one.
if (!document.cookie.includes("maildocket-zone=")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `maildocket-zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax`;
}

// The menu scrolls sideways on phones: where one is can be seen.
document.querySelector(".menu [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Buttons that copy.
const prepare = (within) => {
  for (const button of within.querySelectorAll("[data-copy]")) button.hidden = false;
};
prepare(document);
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const before = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = before; }, 2000);
});

// A form that is sent twice by a double click is sent once.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "yes";
  setTimeout(() => { delete event.target.dataset.sent; }, 5000);
});

// A file that is read into a field of a form: the field's name is that of its place.
for (const place of document.querySelectorAll("[data-file]")) {
  place.hidden = false;
  place.querySelector("input").addEventListener("change", async (event) => {
    document.getElementById(place.dataset.file).value = await event.target.files[0].text();
  });
}

// Parts of a page that renew themselves while somebody looks at them, and nobody works in them.
const renew = async (part) => {
  const held = part.contains(document.activeElement) ? document.activeElement : null;
  if (document.hidden || held?.matches("input, select, textarea") || part.querySelector("details[open]")) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer || !answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (!fresh || fresh.innerHTML === part.innerHTML) return;
  part.replaceChildren(...fresh.childNodes);
  prepare(part);
  // Who goes by keyboard stays at the link that had the focus, where it is still there.
  const link = held?.getAttribute("href");
  if (link) part.querySelector(`a[href="${CSS.escape(link)}"]`)?.focus();
};
for (const part of document.querySelectorAll("[data-live]")) {
  setInterval(() => renew(part), Number(part.dataset.live) * 1000);
}

// Lists by keyboard: j and k move, Enter opens, / searches, ? tells.
const entries = () => [...document.querySelectorAll("[data-entry]")];
let at = -1;
const move = (by) => {
  const all = entries();
  if (!all.length) return;
  at = Math.min(Math.max(at + by, 0), all.length - 1);
  const link = all[at].querySelector("a");
  (link || all[at]).focus();
};
// What was done to an entry leads back to its list, and there to its place.
const place = "maildocket-entry";
if (location.search.includes("done=") && sessionStorage[place]) move(Number(sessionStorage[place]) + 1);
delete sessionStorage[place];
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
  const press = (selector, within = document) => {
    const found = within && within.querySelector(selector);
    if (found) { event.preventDefault(); found.matches("input, details") ? (found.focus(), found.open = true) : found.click(); }
  };
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "/") press("[data-key='/']");
  else if (event.key === "?") press("[data-key='?']");
  else if (event.key === "e" && entries().length) {
    // In a list it is the entry's own.
    sessionStorage[place] = at;
    press("[data-key='e']", document.activeElement.closest("tr, li"));
  }
  else if (event.key === "e") press("[data-key='e']");
});
