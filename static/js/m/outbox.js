// What waits on this phone, photo by photo, what was refused and why, and what has arrived today.

import { el, t } from "../text.js";
import { changed, kick, onChange, ready } from "./app.js";
import { pictureOf } from "./photo.js";

const page = document.getElementById("outbox");
const find = (selector) => page.querySelector(selector);
const { reportUrl } = page.dataset;
const asked = new URLSearchParams(location.search).get("form");
const SHOWN = 20;
const pictures = new Map();
let busy = false;
let again = false;
let drawn = "";

const shownAs = (forms, photo) => [...forms.map(({ id, state }) => `${id} ${state}`), photo].join();
const clock = (moment) => new Date(moment).toLocaleTimeString("zh-CN", { hour12: false, hour: "2-digit", minute: "2-digit" });
const megabytes = (bytes) => Math.max(0.1, bytes / 1048576).toFixed(1);
const picture = (photo) => pictures.get(photo.id) ?? pictures.set(photo.id, pictureOf(photo)).get(photo.id);

// How far one photo is changes its own line and nothing else: no picture is read again for it.
function drawShare({ forms, state: { photo, share } }) {
  const line = photo && find(`[data-line="${photo}"]`);
  if (!line || shownAs(forms, photo) !== drawn) return false;
  line.replaceWith(photoLine({ id: photo, kind: line.dataset.kind, done: share === 1 }, share, true, line.querySelector("img")));
  return true;
}

// Asked for while it draws: it draws once more.
async function draw(news) {
  if (!busy && drawShare(news)) return;
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    await redraw(news);
  } finally {
    busy = false;
  }
  if (again) {
    again = false;
    await draw(news);
  }
}

async function redraw({ state }) {
  const store = await ready;
  const forms = store ? await store.sent() : [];
  const receipts = store ? await store.receipts() : [];
  const cards = [];
  let [count, bytes] = [0, 0];
  for (const [index, form] of forms.slice(0, SHOWN).entries()) {
    const photos = await store.photosOf(form.id);
    count += photos.length;
    bytes += sizeOf(photos);
    cards.push(card(form, photos, index + 1, state));
  }
  if (forms.length > SHOWN) cards.push(el("li", { class: "empty" }, t("m.more", { n: forms.length - SHOWN })));
  find("[data-list]").replaceChildren(...cards);
  drawn = shownAs(forms, state.photo);
  find("[data-sum]").textContent = count ? t("m.sum", { n: count, size: megabytes(bytes) }) : "";
  find("[data-head]").textContent = forms.length ? t("m.waiting", { n: forms.length }) : t("m.nothing");
  find("[data-empty]").hidden = forms.length > 0;
  const today = receipts.filter((row) => new Date(row.at).toDateString() === new Date().toDateString());
  find("[data-today]").textContent = t("m.today", { n: today.length });
  find("[data-arrived]").replaceChildren(...today.slice(0, 20).map(arrived));
  find("[data-login]").hidden = !(forms.length && state.why === "login");
  find("[data-other]").hidden = !(forms.length && state.why === "other");
  drawReceipt(forms, receipts, asked && store ? await store.photosOf(asked) : []);
}

function drawReceipt(forms, receipts, photos) {
  const box = find("[data-receipt]");
  const form = forms.find((row) => row.id === asked);
  const receipt = receipts.find((row) => row.form === asked);
  box.hidden = !(form || receipt);
  if (box.hidden) return;
  box.className = `receipt tone-${receipt ? "ok" : form.state === "refused" ? "bad" : "warn"}`;
  box.dataset.state = receipt ? "arrived" : form.state;
  const title = receipt ? arrivedWords(receipt) : t(form.state === "refused" ? "m.refused" : "m.kept");
  const code = el("span", { class: "muted" }, t("m.phone_receipt", { code: asked.slice(0, 8).toUpperCase() }));
  const image = !receipt && photos.length ? [el("img", { src: picture(photos[0]), alt: "" })] : [];
  box.replaceChildren(el("div", { class: "row" }, el("div", {}, el("b", {}, title), el("br"), code), ...image), ...(receipt ? [] : [facts(form, photos)]));
}

// What was kept, so that it is seen without opening it again.
function facts(form, photos) {
  const shot = photos[0] && `${clock(photos[0].taken_at)}，${t("m.sum", { n: photos.length, size: megabytes(sizeOf(photos)) })}`;
  const rows = [[t("m.fact_class"), form.title || t("m.untitled")], [t("m.fact_place"), placeOf(form)], [t("m.fact_photos"), shot], [t("m.fact_number"), t("m.fact_number_later")]];
  return el("dl", {}, ...rows.filter(([, words]) => words).flatMap(([name, words]) => [el("dt", {}, name), el("dd", {}, words)]));
}

const placeOf = (form) => form.fields.address || form.place || "";
const sizeOf = (photos) => photos.reduce((sum, photo) => sum + photo.size, 0);

function arrivedWords(receipt) {
  return receipt.said ? t("m.arrived_said", { said: receipt.said }) : t("m.arrived", { number: receipt.number });
}

function arrived(row) {
  return el("li", {}, el("a", { href: row.url }, el("span", {}, el("span", { class: "nowrap" }, row.number), ` ${row.title ?? ""}`)), el("span", { class: "muted" }, clock(row.at)));
}

function card(form, photos, number, state) {
  const head = el("div", { class: "card-head" }, el("b", {}, [`${number}  ${form.title || t("m.untitled")}`, placeOf(form)].filter(Boolean).join(" · ")), el("span", { class: "muted" }, clock(form.sent_at)));
  const lines = photos.map((photo) => {
    const going = state.photo === photo.id;
    const received = going ? Math.max(state.share * photo.size, photo.received) : photo.received;
    return photoLine(photo, photo.done ? 1 : received / photo.size, going, el("img", { src: picture(photo), alt: "" }));
  });
  const body = [head, ...lines];
  if (form.state === "refused") body.push(refusal(form));
  else if (form.why) body.push(el("p", { class: "muted small" }, t(`m.why.${form.why}`)));
  return el("li", { class: `card${form.state === "refused" ? " is-bad" : ""}`, "data-form": form.id, "data-state": form.state }, ...body);
}

function photoLine({ id, kind, done }, share, going, image) {
  const words = done ? t("m.photo_done") : share > 0 ? t(going ? "m.photo_going" : "m.photo_stopped", { n: Math.round(share * 100) }) : t("m.photo_waits");
  return el(
    "div",
    { class: "line", "data-line": id, "data-kind": kind },
    image,
    el("div", {}, el("div", { class: "row" }, el("span", {}, t(`m.kind.${kind}`)), el("span", { class: done ? "tone-ok toned" : "muted" }, words)), el("progress", { max: 1, value: share, class: done || going ? "" : "is-stopped", "aria-label": words })),
  );
}

function refusal(form) {
  return el(
    "div",
    { class: "refusal" },
    el("p", { class: "tone-bad toned", role: "alert" }, form.refusal.message),
    el(
      "div",
      { class: "row" },
      el("a", { class: "btn primary", href: `${form.page ?? reportUrl}?form=${form.id}` }, t("m.mend_it")),
      el("button", { type: "button", class: "btn", "data-again": form.id }, t("m.again")),
      el("button", { type: "button", class: "btn danger", "data-drop": form.id }, t("m.drop")),
    ),
  );
}

page.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const store = await ready;
  if (button.dataset.now !== undefined) kick();
  else if (button.dataset.again) {
    await store.change("forms", button.dataset.again, { state: "waiting", refusal: null });
    changed();
  } else if (button.dataset.drop) {
    const dialog = document.getElementById("drop-ask");
    dialog.dataset.form = button.dataset.drop;
    dialog.showModal();
  }
});

document.getElementById("drop-ask").addEventListener("close", async (event) => {
  if (event.target.returnValue !== "drop") return;
  await (await ready).drop(event.target.dataset.form);
  changed();
});

onChange(draw);
