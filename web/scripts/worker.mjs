// Keeps the page "Check a certificate" for use without a network, and nothing else: every other page of the site is
// left alone. self.shell, which the server writes before this text, lists what belongs to one version of the page; all of
// it is kept together, so that parts of two versions never meet. Packs are not its business: the page keeps one that it
// has proved.
const shell = self.shell;
const shelf = "adamas-check-" + shell.version, habits = "adamas-check-habits", language = "/check/language";
const pages = new Set(["/check", ...shell.others]);
const files = new Set([...shell.files, ...shell.faces, ...shell.heavy]);

// Without cookies: asking for a page in a language must not change the reader's choice.
const ask = (path) => new Request(path, { credentials: "omit" });

self.addEventListener("install", (e) => e.waitUntil(keep()));

async function keep() {
  const cache = await caches.open(shelf);
  await cache.addAll([...shell.pages, ...shell.files].map(ask));
  await cache.addAll(shell.heavy.map(ask));
  await Promise.allSettled(shell.faces.map((path) => cache.add(ask(path))));
  if (!self.registration.active) await self.skipWaiting();
}

self.addEventListener("activate", (e) => e.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("adamas-check-") && name !== shelf && name !== habits) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener("message", (e) => {
  if (e.data === "use") self.skipWaiting();
  else if (typeof e.data?.language === "string") remember(e.data.language);
});

self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (e.request.mode === "navigate") {
    if (pages.has(url.pathname) && !url.searchParams.has("number")) e.respondWith(page(e.request, url));
  } else if (files.has(url.pathname + url.search)) {
    e.respondWith(file(e.request, url));
  }
});

// patience is how long a page may take before the one that is kept is shown, in milliseconds.
const patience = 6000;

async function page(request, url) {
  const kept = await keptPage(url);
  let waiting;
  try {
    const late = new Promise((_, no) => (waiting = setTimeout(no, patience)));
    const response = await Promise.race([fetch(request), ...(kept ? [late] : [])]);
    if (response.status < 500 || !kept) {
      remember(response.headers.get("Content-Language"));
      return response;
    }
  } catch (e) {
    if (!kept) throw e;
  } finally {
    clearTimeout(waiting);
  }
  remember(url.searchParams.get("lang"));
  return kept;
}

async function keptPage(url) {
  const cache = await caches.open(shelf), last = await (await caches.open(habits)).match(language);
  for (const tag of [url.searchParams.get("lang"), last && (await last.text()), ...self.navigator.languages, "en"]) {
    const found = tag && (await cache.match("/check?lang=" + tag.slice(0, 2).toLowerCase(), { ignoreVary: true }));
    if (found) return found;
  }
  return null;
}

// remember keeps the language that was read last.
function remember(tag) {
  if (tag) caches.open(habits).then((cache) => cache.put(language, new Response(tag)));
}

async function file(request, url) {
  return (await (await caches.open(shelf)).match(url.pathname + url.search, { ignoreVary: true })) ?? fetch(request);
}
