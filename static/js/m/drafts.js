// What was begun on this phone and not sent: listed where one goes on with it or throws it away.

import { el, t } from "../text.js";
import { changed, onChange, ready } from "./app.js";
import { pictureOf } from "./photo.js";

const box = document.getElementById("drafts");
const clock = (moment) => new Date(moment).toLocaleString("zh-CN", { hour12: false, month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
let drawn = null;

/** The page on which a form is written on or mended. */
export const pageOf = (form, reportUrl) => `${form.page ?? reportUrl}?form=${form.id}`;

async function draw() {
  const store = await ready;
  const forms = store ? await store.drafts() : [];
  // While something else is sent there is news many times a second: no picture is read again for it.
  const now = forms.map(({ id }) => id).join();
  if (now === drawn) return;
  drawn = now;
  const rows = [];
  for (const form of forms) rows.push(row(form, await store.photosOf(form.id)));
  box.hidden = !rows.length;
  box.querySelector("h2").textContent = t("m.go_on", { n: rows.length });
  box.querySelector("ol").replaceChildren(...rows);
}

function row(form, [photo]) {
  const title = form.title || (form.fields.text ?? "").trim().slice(0, 20) || t("m.untitled");
  const where = [form.fields.address || form.place, clock(form.made_at)].filter(Boolean).join(" · ");
  const words = el("span", { class: "stop-words" }, el("b", {}, title), el("span", { class: "muted" }, where));
  const image = photo ? el("img", { src: pictureOf(photo), alt: "" }) : el("span", { class: "no-thumb" });
  return el("li", { "data-form": form.id }, el("a", { class: "stop", href: pageOf(form, box.dataset.reportUrl) }, image, words), el("button", { type: "button", class: "btn danger", "data-drop": form.id }, t("m.drop")));
}

// What is thrown away is gone for good: asked first, also for what was refused.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-drop]");
  if (!button) return;
  const dialog = document.getElementById("drop-ask");
  dialog.dataset.form = button.dataset.drop;
  dialog.returnValue = "";
  dialog.showModal();
});

document.getElementById("drop-ask").addEventListener("close", async (event) => {
  if (event.target.returnValue !== "drop") return;
  await (await ready).drop(event.target.dataset.form);
  changed();
});

onChange(draw);
