// The chat where scripts run: messages arrive by themselves, forms open over the page, nothing reloads.

const log = document.getElementById("log");
const dialog = document.getElementById("dialog");
const asked = document.getElementById("asked");
const newest = document.querySelector(".news");
const trouble = document.querySelector("[data-trouble]");
const title = document.title;
const LONG_HIDDEN = 5 * 60 * 1000;

let stream = null;
let after = null;
let unseen = 0;
let opener = null;

// Messages, live

function listen() {
  if (!log.dataset.live || stream) return;
  const url = new URL(log.dataset.live, location.href);
  if (after) url.searchParams.set("after", after);
  stream = new EventSource(url);
  stream.addEventListener("message", (event) => {
    after = event.lastEventId;
    place(event.data);
  });
  stream.addEventListener("error", () => {
    // The browser comes back by itself, except after an answer that is not a stream.
    if (stream.readyState === EventSource.CLOSED) {
      stream = null;
      setTimeout(listen, 5000);
    }
  });
}

function hush() {
  stream?.close();
  stream = null;
}

function place(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const message = template.content.firstElementChild;
  const there = document.getElementById(message.id);
  const followed = isAtEnd();
  if (there) {
    exchange(there, message);
  } else {
    append(message);
    notice(message, followed);
  }
  htmx.process(message);
  sayWhen(message);
  if (followed) message.querySelectorAll("img").forEach((picture) => picture.addEventListener("load", toEnd));
}

function append(message) {
  document.getElementById("welcome")?.remove();
  const before = [...log.children].findLast((one) => !one.dataset.seq || Number(one.dataset.seq) < Number(message.dataset.seq));
  message.classList.add("arrived");
  if (before) before.after(message);
  else log.prepend(message);
}

// A message drawn again keeps what one was doing in it: the focus, an opened text, a choice half made.
function exchange(there, message) {
  const control = there.contains(document.activeElement) ? document.activeElement : null;
  for (const select of there.querySelectorAll("select")) {
    const same = message.querySelector(`#${CSS.escape(select.id)}`);
    if (same && [...same.options].some((option) => option.value === select.value)) same.value = select.value;
  }
  there.querySelectorAll("details").forEach((details, at) => {
    const same = message.querySelectorAll("details")[at];
    if (same) same.open = details.open;
  });
  there.replaceWith(message);
  if (control) (alike(message, control) ?? message).focus({ preventScroll: true });
}

function alike(message, control) {
  const same = [...message.querySelectorAll(control.tagName)];
  return same.find((one) => (control.id ? one.id === control.id : one.value === control.value && one.textContent === control.textContent));
}

function notice(message, followed) {
  if (followed || message.classList.contains("own")) toEnd();
  else newest.hidden = false;
  if (document.hidden) document.title = `(${++unseen}) ${title}`;
}

// The end of the conversation

function isAtEnd() {
  return window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 160;
}

function toEnd() {
  window.scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
  if (newest) newest.hidden = true;
}

// Times, as people say them; the page's clock is the server's, which a demo may have moved

const skew = Date.parse(log.dataset.now) - Date.now();
const spoken = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto", style: "short" });

function sayWhen(within) {
  for (const time of within.querySelectorAll(".message > header time, .message.echo time, :scope > header time")) {
    time.dataset.plain ??= time.textContent;
    const seconds = (Date.parse(time.dateTime) - Date.now() - skew) / 1000;
    time.textContent = seconds > -3600 ? (seconds > -60 ? spoken.format(0, "second") : spoken.format(Math.round(seconds / 60), "minute")) : time.dataset.plain;
  }
}

// Forms over the page

function show() {
  const form = asked.querySelector("form");
  if (!form) {
    if (dialog.open) dialog.close();
    return;
  }
  if (!dialog.open) {
    opener ??= document.activeElement;
    dialog.showModal();
  }
  dialog.querySelector(".card").scrollTop = 0;
  const first = form.querySelector(".error-summary, .refusal") ?? form.querySelector("input:not([type=hidden]), textarea, select, button");
  first.focus();
}

function isTouched() {
  return asked.querySelector("form")?.dataset.touched === "yes";
}

function leave() {
  if (!isTouched() || confirm(dialog.dataset.leave)) dialog.close();
}

// Watched, because htmx announces no swap that leaves nothing behind.
new MutationObserver(show).observe(asked, { childList: true });
asked.addEventListener("input", (event) => (event.target.form.dataset.touched = "yes"));
asked.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) leave();
  const link = event.target.closest(".error-summary a");
  if (link) {
    event.preventDefault();
    document.getElementById(link.hash.slice(1))?.focus();
  }
});
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  leave();
});
dialog.addEventListener("close", () => {
  if (dialog.contains(trouble)) log.after(trouble);
  asked.replaceChildren();
  const back = opener?.isConnected ? opener : document.getElementById("text");
  opener = null;
  back?.focus({ preventScroll: true });
});

// What was sent

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!dialog.open) opener = document.activeElement;
  trouble.hidden = true;
  event.detail.elt.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", (event) => event.detail.elt.removeAttribute("aria-busy"));
document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target.id === "composing" && !dialog.open) document.getElementById("text")?.focus();
});
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(failure, complain);

// The server's own sentence where it sent one; what was typed stays where it is in any case.
function complain(event) {
  const answer = event.detail.xhr;
  const isSaid = answer?.status >= 400 && answer.getResponseHeader("Content-Type")?.startsWith("text/plain");
  const words = isSaid ? `${answer.responseText} ${trouble.dataset.kept}` : trouble.dataset.trouble;
  trouble.querySelector("[role=alert]").textContent = words;
  (dialog.open ? asked.querySelector(".actions") : log).after(trouble);
  trouble.hidden = false;
}

// Enter sends, Shift and Enter begins a new line; not while a word is being composed
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "text" || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (event.target.value.trim()) event.target.form.requestSubmit();
});

// Whoever looks away for long needs no stream; coming back brings what was missed
let resting = 0;
document.addEventListener("visibilitychange", () => {
  clearTimeout(resting);
  if (document.hidden) {
    resting = setTimeout(hush, LONG_HIDDEN);
  } else {
    unseen = 0;
    document.title = title;
    listen();
  }
});
window.addEventListener("pagehide", hush);
window.addEventListener("pageshow", (event) => event.persisted && listen());

newest?.querySelector("button").addEventListener("click", () => {
  toEnd();
  document.getElementById("newest").focus();
});
window.addEventListener("scroll", () => isAtEnd() && newest && (newest.hidden = true), { passive: true });

listen();
sayWhen(document);
setInterval(() => sayWhen(document), 30000);
if (!location.hash || location.hash === "#newest") {
  toEnd();
  // Pictures that come later push the end away.
  window.addEventListener("load", toEnd);
}
