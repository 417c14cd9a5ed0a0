// One look-back: a photo from where the closing photo was taken, the result, a word, send. All of it
// is kept as it is entered, and goes through the queue like a report.

import { el, t } from "../text.js";
import { putPhoto, withPhoto } from "./album.js";
import { closeBar, ready, sayLack, sayTrouble, sendForm } from "./app.js";
import { openFinder, overCamera } from "./finder.js";
import { pictureOf } from "./photo.js";
import { apart, exactWords, follow, here, metresWords } from "./place.js";
import { draft } from "./sender.js";
import { momentWords } from "./when.js";

const MOST = 9;
const STALE = 5 * 60 * 1000;
const page = document.getElementById("lookback");
const find = (selector) => page.querySelector(selector);
const { dataset } = page;
const id = Number(dataset.id);
const shotAt = Date.parse(dataset.shot ?? "");
const spot = dataset.lon ? { lon: Number(dataset.lon), lat: Number(dataset.lat) } : null;

let store = null;
let form = null;
let photos = [];
let shown = null;
let sent = false;

async function start() {
  sayClock();
  store = await ready;
  if (!store) return;
  const kept = await store.ofLookback(id);
  if (kept?.state === "waiting") {
    location.replace(`${dataset.outbox}?form=${kept.id}`);
    return;
  }
  if (dataset.open === undefined) return;
  // A page that was kept does not know that this phone has sent it since.
  if ((await store.acts()).get(`lookback-${id}`) === "arrived") {
    closeBar("m.row_arrived");
    return;
  }
  form = kept ?? draft({ result: "", note: "" }, { kind: "lookback", lookback: id, ends: `lookback-${id}`, title: dataset.title, url: dataset.url, page: dataset.page });
  // Whoever sends has seen this page: what was refused for an older one may go now.
  form.fields.version = Number(dataset.version);
  photos = await store.photosOf(form.id);
  shown = photos[photos.length - 1] ?? null;
  find("[name=note]").value = form.fields.note;
  const bar = find("[data-refusal]");
  bar.hidden = !form.refusal;
  if (form.refusal) bar.querySelector("span").textContent = form.refusal.message;
  listen();
  follow(onPosition);
  draw();
  page.dataset.live = "1";
}

// A page that was kept knows how much was left then, not now.
function sayClock() {
  const clock = document.querySelector("[data-clock]");
  if (Date.now() - Date.parse(clock.dataset.at) > STALE) clock.textContent = clock.dataset.due;
}

async function keep() {
  if (sent || !(photos.length || form.fields.result || form.fields.note)) return;
  try {
    await store.keepForm(form);
  } catch (error) {
    sayTrouble(error);
  }
}

// --- Photos -----------------------------------------------------------------------------------

/** Keep a picture, or one in place of an old one; false where it was not kept. */
async function add(file, fresh, old = null) {
  if (!old && photos.length >= MOST) return false;
  page.classList.add("is-busy");
  try {
    const said = { role: "now", kind: "recheck", fresh, original: dataset.original !== undefined };
    const photo = await putPhoto(store, form, photos, file, said, old);
    photos = withPhoto(photos, photo, old);
    shown = photo;
    return true;
  } catch (error) {
    sayTrouble(error);
    return false;
  } finally {
    page.classList.remove("is-busy");
    draw();
  }
}

async function onPosition(position, why) {
  find("[data-place-why]").textContent = why;
  if (!position) return;
  for (const photo of photos) {
    if (photo.lon !== null || !photo.fresh) continue;
    const { lon, lat, accuracy_m } = position;
    Object.assign(photo, { lon, lat, accuracy_m });
    await store.change("photos", photo.id, { lon, lat, accuracy_m });
  }
  drawPhotos();
}

const pictures = new Map();
const picture = (photo) => pictures.get(photo.id) ?? pictures.set(photo.id, pictureOf(photo)).get(photo.id);

/** How a photo stands to the closing photo, in words and tone: a help, the server says it for good. */
function standing(photo) {
  const taken = Date.parse(photo.taken_at);
  const metres = spot && photo.lon !== null ? Math.round(apart(spot, photo)) : null;
  const far = metres !== null && metres > Number(dataset.metres);
  const said = [metres === null ? t("m.away_none") : t(far ? "m.away_far" : "m.away", { way: exactWords(metres) })];
  if (!Number.isNaN(shotAt)) {
    const minutes = Math.round(Math.abs(taken - shotAt) / 60000) % 1440;
    const hours = Math.min(minutes, 1440 - minutes) / 60;
    if (hours > Number(dataset.hours)) said.push(t("m.away_hours", { n: Math.round(hours) }));
    if (taken < shotAt) said.push(t("m.away_before"));
  }
  const tone = far || said.length > 1 ? "bad" : metres === null ? "muted" : "ok";
  return [tone, said.join("；")];
}

function drawPhotos() {
  find("[data-picture]").hidden = !shown;
  find("[data-no-picture]").hidden = Boolean(shown);
  find("[data-strip]").hidden = photos.length < 2;
  if (!shown) return;
  find("[data-picture] img").src = picture(shown);
  const when = momentWords(shown.taken_at);
  const [tone, words] = standing(shown);
  find("[data-stamp]").replaceChildren(el("span", {}, when), el("span", { class: `stood tone-${tone}` }, words));
  find("[data-strip]").replaceChildren(
    ...photos.map((photo, index) =>
      el("button", { type: "button", class: `slot${photo === shown ? " is-shown" : ""}`, "data-photo": photo.id, "aria-label": `${index + 1}` }, el("img", { src: picture(photo), alt: "" })),
    ),
  );
}

// --- The result -------------------------------------------------------------------------------

const chosen = () => find(`[data-result="${form.fields.result}"]:not(:disabled)`);

function drawResult() {
  const button = chosen();
  for (const each of page.querySelectorAll("[data-result]")) each.setAttribute("aria-pressed", String(each === button));
  find("[data-note]").hidden = !button;
  const needed = button?.dataset.needsNote !== undefined;
  find("[data-optional]").hidden = needed;
  find("[data-needed]").hidden = !needed;
  find("[data-said]").textContent = button?.dataset.does ?? "";
  const warning = find("[data-warning]");
  if (warning) warning.hidden = !["rebound", "false"].includes(form.fields.result);
  const send = find("[data-send]");
  if (button) send.textContent = button.dataset.button;
}

/** What is missing before it can go, in words; "" when it can. */
function lacks() {
  const button = chosen();
  if (!button) return "m.need_result";
  if (button.dataset.needsPhoto !== undefined && !photos.length) return "m.need_recheck";
  if (button.dataset.needsNote !== undefined && !form.fields.note.trim()) return "m.need_words";
  return "";
}

async function send() {
  const missing = lacks();
  sayLack(missing);
  if (missing) return;
  sent = true;
  sent = await sendForm(form, find("[data-send]"), dataset.outbox);
}

function shoot(old) {
  const ghost = find("[data-ghost]");
  return openFinder({
    title: dataset.title,
    under: document.querySelector("[data-clock]").textContent,
    ghost: ghost?.dataset.ghost ?? null,
    ghostWords: ghost?.dataset.words ?? "",
    most: old ? 1 : MOST - photos.length,
    says: () => {
      const at = here();
      if (!spot || !at) return "";
      const metres = apart(spot, at);
      return t(metres > Number(dataset.metres) ? "m.far_from" : "m.near_to", { way: metresWords(metres) });
    },
    take: (file, fresh) => add(file, fresh, old),
  });
}

function listen() {
  const replaced = (input) => (input.dataset.again === undefined ? null : shown);
  overCamera(page, (input) => shoot(replaced(input)));
  page.addEventListener("change", async (event) => {
    const input = event.target;
    if (input.type !== "file") return;
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    await add(file, input.hasAttribute("capture"), replaced(input));
  });
  page.addEventListener("input", (event) => {
    if (event.target.name !== "note") return;
    form.fields.note = event.target.value;
    keep();
  });
  page.addEventListener("click", (event) => {
    const target = event.target.closest("button");
    if (!target) return;
    if (target.dataset.result) {
      form.fields.result = target.dataset.result;
      keep();
      drawResult();
    } else if (target.dataset.photo) {
      shown = photos.find((photo) => photo.id === target.dataset.photo);
      drawPhotos();
    } else if (target.dataset.send !== undefined) send();
  });
}

function draw() {
  drawPhotos();
  drawResult();
}

start();
