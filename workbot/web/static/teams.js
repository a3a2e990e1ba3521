// Pages in a window of Teams: they wear its theme, open in the browser what leads elsewhere, and the first signs in.

const { app, authentication } = microsoftTeams;
const PAGE = "/chat/mine";
const PATIENCE = 15000;
const THEME = "__Host-workbot_theme";

// The theme, before anything is drawn: Teams' own may not be that of the machine

const media = [...darkRules(document.styleSheets)];

function* darkRules(sheets) {
  for (const sheet of sheets) {
    for (const rule of sheet.cssRules) {
      if (rule.styleSheet) yield* darkRules([rule.styleSheet]);
      else if (rule.media?.mediaText.includes("prefers-color-scheme: dark")) yield rule.media;
    }
  }
}

function wear(theme) {
  const isDark = theme !== "default";
  for (const list of media) list.mediaText = isDark ? "all" : "not all";
  document.documentElement.style.colorScheme = isDark ? "dark" : "light";
  remember(theme);
}

// In a window within another site's, browsers keep such a cookie and nothing else.
function remember(theme) {
  document.cookie = `${THEME}=${theme}; Path=/; Secure; SameSite=None; Partitioned`;
}

function remembered() {
  return document.cookie.match(`${THEME}=([a-z]+)`)?.[1];
}

if (remembered()) wear(remembered());

// At home in Teams

async function settle() {
  const door = document.getElementById("tab");
  if (door) show(door, "waiting");
  try {
    await patiently(app.initialize());
  } catch {
    if (door) show(door, "outside");
    return;
  }
  app.notifyAppLoaded();
  app.registerOnThemeChangeHandler(wear);
  document.addEventListener("click", leave);
  wear((await app.getContext()).app.theme);
  if (door) await enter(door);
  app.notifySuccess();
}

function patiently(promise) {
  return Promise.race([promise, new Promise((_, reject) => setTimeout(reject, PATIENCE))]);
}

// What leads elsewhere would be refused within Teams, or lose the tab.
function leave(event) {
  const link = event.target.closest("a[href]");
  if (!link || !link.protocol.startsWith("http") || isHere(link)) return;
  event.preventDefault();
  app.openLink(link.href).catch(() => window.open(link.href, "_blank", "noopener"));
}

function isHere(link) {
  return link.origin === location.origin && `${link.pathname}/`.startsWith(`${PAGE}/`);
}

// Signing in

async function enter(door) {
  try {
    show(door, await entered(door));
  } catch {
    show(door, "trouble");
  }
}

async function entered(door) {
  const token = await authentication.getAuthToken().catch(() => null);
  if (!token) return "refused";
  const answer = await fetch(door.dataset.enter, { method: "POST", headers: { Authorization: `Bearer ${token}` } });
  if (answer.status === 401) return "refused";
  if (answer.status === 403) return "unknown";
  if (!answer.ok) return "trouble";
  // Some browsers keep no cookie of a page within another: then the page would send one away again.
  const page = await fetch(PAGE, { method: "HEAD", redirect: "manual" });
  if (page.type === "opaqueredirect") return "blocked";
  if (!page.ok) return "trouble";
  location.replace(PAGE);
  return "waiting";
}

function show(door, name) {
  for (const state of door.querySelectorAll("[data-state]")) state.hidden = state.dataset.state !== name;
}

document.addEventListener("DOMContentLoaded", settle);
