// Keeps pages that will be wanted without a signal, with their small pictures: one after another,
// and none again within some minutes.

const FRESH = 10 * 60 * 1000;
const MOST = 20;

/** Let the worker keep what the links marked `data-keep` lead to; of one marked as a list also
 * what that list leads to. */
export async function keepLinked(root = document) {
  if (!("serviceWorker" in navigator) || navigator.connection?.saveData) return;
  await controlled();
  for (const link of [...root.querySelectorAll("a[data-keep]")].slice(0, MOST)) {
    try {
      const page = await keep(link.getAttribute("href"));
      if (page && link.dataset.keep === "list") await keepLinked(page);
    } catch (error) {
      // The line is away: what was kept before stays.
      console.info(error);
      return;
    }
  }
}

// Only what is fetched through the worker is kept; on a first visit it takes over a little later.
async function controlled() {
  await navigator.serviceWorker.ready;
  if (navigator.serviceWorker.controller) return;
  await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
}

async function keep(address) {
  const kept = await caches.match(address, { ignoreSearch: true });
  const made = Date.parse(kept?.headers.get("Date") ?? "");
  if (Date.now() - made < FRESH) return null;
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const image of page.querySelectorAll('img[src^="/photos/"]')) await fetch(image.getAttribute("src"));
  return page;
}
