// Recording a look-back: the chosen result names the button and the address, the new photo is shown large.

import { el } from "../text.js";

const form = document.querySelector("[data-record]");

function choose() {
  const button = form.querySelector("[data-record-button]");
  button.hidden = false;
  const chosen = form.querySelector("input[name=result]:checked")?.value;
  if (!chosen) return;
  form.action = form.dataset.moveUrl.replace("RESULT", chosen);
  const label = form.querySelector("[data-labels]").content.querySelector(`data[value="${chosen}"]`);
  button.disabled = false;
  button.firstElementChild.textContent = label.textContent;
  for (const note of form.querySelectorAll("[data-for]")) note.hidden = note.dataset.for !== chosen;
}

// How the photo stands to the closing photo, as the server sees it.
async function compare(photo) {
  const place = form.querySelector("[data-same]");
  if (!place || !photo) return;
  try {
    const answer = await fetch(`${place.dataset.url}?photo=${encodeURIComponent(photo)}`, { credentials: "same-origin" });
    if (!answer.ok) return;
    const { tone, text } = await answer.json();
    place.replaceChildren(el("span", { class: `mark tone-${tone}` }, text));
    place.hidden = false;
  } catch {
    // The line is a help; the result says it again once it is recorded.
    place.hidden = true;
  }
}

// The closing photo over the new one, and away again.
function blink() {
  const then = document.querySelector("[data-side=then] img");
  const seat = form.querySelector("[data-side=now]");
  const over = seat.querySelector(".lookback-over");
  if (over) over.remove();
  else if (then) seat.append(el("img", { class: "lookback-over", src: then.src, alt: "" }));
}

function show(url) {
  const place = form.querySelector("[data-now-picture]");
  place.classList.toggle("wait", !url);
  if (url) place.replaceChildren(el("img", { src: url, alt: "" }));
}

if (form) {
  form.addEventListener("change", (event) => {
    if (event.target.name === "result") choose();
  });
  form.addEventListener("photo:placed", (event) => {
    show(event.detail.display_url);
    compare(event.detail.id);
  });
  form.querySelector("[data-blink]")?.addEventListener("click", blink);
  compare(form.querySelector("[data-same]")?.dataset.photo);
  const ready = form.querySelector("[data-upload-list] img");
  if (ready) show(ready.src);
  choose();
  const refused = form.querySelector("[aria-invalid=true]");
  if (refused) refused.focus();
  else form.querySelector("[role=alert]")?.scrollIntoView({ block: "center" });
}
