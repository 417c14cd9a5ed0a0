// Opens the phone's pages without a signal. It never touches what is sent: that is the queue's.
// `VERSION` and `FILES` stand in front, written by the server from its hashed files.

/* global VERSION, FILES, PAGES */

const FIXED = `phone-fixed-${VERSION}`;
const OWN = "phone-own";
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FIXED).then((cache) => cache.addAll(FILES)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith("phone-fixed-") && name !== FIXED) await caches.delete(name);
      await self.clients.claim();
      await warm();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
  if (event.data === "warm") event.waitUntil(warm());
});

// What the person needs without a signal, also where he has not been yet: when the app is put there
// or renewed, once a day, and when the phone changes hands.
async function warm() {
  for (const page of PAGES) {
    try {
      await fresh(new Request(page, { credentials: "same-origin" }));
    } catch {
      // No signal: the next visit keeps it.
    }
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(fixed(request));
  else if (/^\/photos\/[^/]+\/(thumb|display)\/$/.test(url.pathname)) event.respondWith(picture(request, url));
  else if (url.pathname.startsWith("/m/") && !NEVER.test(url.pathname)) event.respondWith(own(request, url));
});

const NEVER = /^\/m\/(hello|place|sw\.js|reports)/;

async function fixed(request) {
  return (await caches.match(request)) ?? fetch(request);
}

// The address of a picture is signed anew each time; the picture is the same.
async function picture(request, url) {
  const key = url.origin + url.pathname;
  const cache = await caches.open(OWN);
  const kept = await cache.match(key);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(key, response.clone());
  return response;
}

// The newest where there is a signal within a few seconds, else what was kept.
async function own(request, url) {
  const coming = fresh(request);
  try {
    return await Promise.race([coming, late()]);
  } catch {
    const kept = await (await caches.open(OWN)).match(url.origin + url.pathname);
    return kept ?? coming;
  }
}

const late = () => new Promise((resolve, reject) => setTimeout(() => reject(new Error("late")), PATIENCE));

async function fresh(request) {
  const response = await fetch(request);
  const url = new URL(request.url);
  // A door in the place of a page is not kept.
  // What was searched for once is not what the page shows without a signal.
  const asked = url.searchParams.has("q") || url.searchParams.has("lon");
  if (response.ok && !asked && !response.redirected && response.type === "basic") {
    await (await caches.open(OWN)).put(url.origin + url.pathname, response.clone());
  }
  return response;
}
