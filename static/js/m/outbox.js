// What waits on this phone, photo by photo, what was refused and why, and what has arrived today.

import { el, t } from "../text.js";
import { changed, kick, onChange, ready } from "./app.js";
import { pageOf } from "./drafts.js";
import { pictureOf } from "./photo.js";
import { factsOf } from "./store.js";

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
    bytes += factsOf(form, photos).size;
    cards.push(card(form, photos, index + 1, state));
  }
  if (forms.length > SHOWN) cards.push(el("li", { class: "empty" }, t("m.more", { n: forms.length - SHOWN })));
  find("[data-list]").replaceChildren(...cards);
  drawn = shownAs(forms, state.photo);
  find("[data-sum]").textContent = count ? t("m.sum", { n: count, size: megabytes(bytes) }) : "";
  find("[data-head]").textContent = headWords(forms);
  const today = receipts.filter((row) => new Date(row.at).toDateString() === new Date().toDateString());
  find("[data-today]").textContent = t("m.today", { n: today.length });
  find("[data-arrived]").replaceChildren(...today.slice(0, 20).map(arrived));
  find("[data-login]").hidden = !(forms.length && state.why === "login");
  find("[data-other]").hidden = !(forms.length && state.why === "other");
  drawReceipt(forms, receipts, asked && store ? await store.photosOf(asked) : []);
}

// The same numbers as the chip's, and as the question before signing out.
function headWords(forms) {
  const waiting = forms.filter((form) => form.state === "waiting").length;
  const parts = [["m.waiting", waiting], ["m.mend", forms.length - waiting]].filter(([, n]) => n);
  return parts.map(([key, n]) => t(key, { n })).join("，") || t("m.nothing");
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
  const told = receipt ?? { ...factsOf(form, photos), title: form.title, number: t("m.fact_number_later") };
  box.replaceChildren(el("div", { class: "row" }, el("div", {}, el("b", {}, title), el("br"), code), ...cover(receipt, photos)), facts(told));
}

// What has arrived is gone from the phone but for the small picture of its receipt.
function cover(receipt, photos = []) {
  const shown = receipt ? receipt.thumb && { id: receipt.form, bytes: receipt.thumb } : photos[0];
  return shown ? [el("img", { src: picture(shown), alt: "" })] : [];
}

// What was kept or has arrived, so that it is seen without opening it again.
function facts({ title, place, count, size, shot_at, number }) {
  const shot = count && `${clock(shot_at)}，${t("m.sum", { n: count, size: megabytes(size) })}`;
  const rows = [[t("m.fact_class"), title || t("m.untitled")], [t("m.fact_place"), place], [t("m.fact_photos"), shot], [t("m.fact_number"), number]];
  return el("dl", {}, ...rows.filter(([, words]) => words).flatMap(([name, words]) => [el("dt", {}, name), el("dd", {}, words)]));
}


function arrivedWords(receipt) {
  return receipt.said ? t("m.arrived_said", { said: receipt.said }) : t("m.arrived", { number: receipt.number });
}

function arrived(row) {
  return el("li", {}, el("a", { href: row.url }, ...cover(row), el("span", {}, el("span", { class: "nowrap" }, row.number), ` ${row.title ?? ""}`)), el("span", { class: "muted" }, clock(row.at)));
}

function card(form, photos, number, state) {
  const head = el("div", { class: "card-head" }, el("b", {}, [`${number}  ${form.title || t("m.untitled")}`, factsOf(form, photos).place].filter(Boolean).join(" · ")), el("span", { class: "muted" }, clock(form.sent_at)));
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
      el("a", { class: "btn primary", href: pageOf(form, reportUrl) }, t("m.mend_it")),
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
  }
});

onChange(draw);
