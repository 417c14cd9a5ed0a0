// The wall: nobody touches it, so it renews itself, and goes dark when its link is taken back.

import { watch } from "./live.js";

const wall = document.getElementById("wall");

async function renew() {
  const answer = await fetch(location.href, { headers: { "HX-Request": "true" }, cache: "no-store", credentials: "omit" });
  if (answer.ok) {
    wall.innerHTML = await answer.text();
    wall.dataset.renewed = String(Number(wall.dataset.renewed ?? 0) + 1);
  } else if (answer.status === 404) {
    location.reload();
  }
}

watch(wall.dataset.live, wall.dataset.liveTag, {
  changed: () => renew().catch((error) => console.warn("wall", error)),
  gone: () => location.reload(),
});
