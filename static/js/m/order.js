// One order: received, photographed as it is now over how it was, how much, send; or more time
// asked for. All of it is kept as it is entered, and goes through the queue like a report.

import { el, t } from "../text.js";
import { changed, ready, sayLack, sayTrouble, sendForm } from "./app.js";
import { openFinder, overCamera } from "./finder.js";
import { photoOf, pictureOf } from "./photo.js";
import { apart, exactWords, follow, here, metresWords } from "./place.js";
import { draft } from "./sender.js";
import { momentWords } from "./when.js";

const MOST = 9;
const STALE = 5 * 60 * 1000;
const page = document.getElementById("order");
const find = (selector) => page.querySelector(selector);
const { dataset } = page;
const id = Number(dataset.id);
const spot = dataset.lon ? { lon: Number(dataset.lon), lat: Number(dataset.lat) } : null;
const seen = { rework: Number(dataset.rework), person: dataset.person ? Number(dataset.person) : null };
const KINDS = { before: "before", after: "after" };

let store = null;
let form = null;
let photos = [];
let shown = null;
let sent = false;

const ofAct = (act, fields, more = {}) =>
  draft({ act, ...seen, ...fields }, { kind: "order", order: id, title: dataset.title, url: dataset.url, page: dataset.page, ...more });

async function start() {
  sayClock();
  store = await ready;
  if (!store) return;
  const kept = await store.ofOrder(id, "submit");
  if (kept?.state === "waiting") {
    location.replace(`${dataset.outbox}?form=${kept.id}`);
    return;
  }
  await sayReceived();
  // A page that was kept does not know that this phone has sent it since.
  if ((await store.acts()).get(dataset.key) === "arrived" && dataset.open !== undefined) {
    delete dataset.open;
    sayLack("m.row_arrived");
    find(".send-bar").hidden = true;
  }
  listen();
  if (dataset.open !== undefined) await write(kept);
  page.dataset.live = "1";
  if (dataset.open !== undefined && new URLSearchParams(location.search).has("shoot") && !photos.length) shoot("after");
}

async function write(kept) {
  form = kept ?? ofAct("submit", { quantity: "1", note: "" }, { ends: dataset.key });
  // Whoever sends has seen this page: what was refused for an older one may go now.
  Object.assign(form.fields, seen);
  form.ends = dataset.key;
  photos = await store.photosOf(form.id);
  shown = photos[photos.length - 1] ?? null;
  find("[name=quantity]").value = form.fields.quantity;
  find("[name=note]").value = form.fields.note;
  const more = await store.ofOrder(id, "ask-extension");
  const refusal = form.refusal ?? more?.refusal ?? null;
  const bar = find("[data-refusal]");
  bar.hidden = !refusal;
  if (refusal) bar.querySelector("span").textContent = refusal.message;
  follow(onPosition);
  draw();
}

// A page that was kept knows how much was left then, not now.
function sayClock() {
  const clock = document.querySelector("[data-clock]");
  if (Date.now() - Date.parse(clock.dataset.at) > STALE) clock.textContent = clock.dataset.due;
}

async function keep() {
  if (sent || !(photos.length || form.fields.note || form.fields.quantity !== "1")) return;
  try {
    await store.keepForm(form);
  } catch (error) {
    sayTrouble(error);
  }
}

// --- Received ---------------------------------------------------------------------------------

async function sayReceived() {
  const kept = await store.ofOrder(id, "receive");
  const button = find("[data-receive]");
  if (!button || !kept) return;
  button.disabled = true;
  button.textContent = t(kept.state === "refused" ? "m.row_refused" : "m.received_waits");
}

async function put(act, fields) {
  try {
    await store.send(ofAct(act, fields));
  } catch (error) {
    sayTrouble(error);
    return false;
  }
  changed();
  return true;
}

async function receive() {
  if (await put("receive", {})) await sayReceived();
}

async function askMore() {
  const words = find("[name=reason]").value.trim();
  sayLack(words ? "" : "m.need_reason");
  if (!words || !(await put("ask-extension", { note: words }))) return;
  find("[data-more] .part-body").replaceChildren(el("p", { class: "tone-ok toned", role: "status" }, t("m.more_waits")));
}

// --- Photos -----------------------------------------------------------------------------------

const ofRole = (role) => photos.filter((photo) => photo.role === role);

async function add(file, role, fresh) {
  if (photos.length >= MOST) return false;
  page.classList.add("is-busy");
  const at = here();
  const said = { form: form.id, role, kind: KINDS[role], fresh, position: photos.length, original: dataset.original !== undefined };
  try {
    const photo = await photoOf(file, at ? { ...said, lon: at.lon, lat: at.lat, accuracy_m: at.accuracy_m } : said);
    await store.keepPhoto(photo, form);
    photos.push(photo);
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

async function remove(photo) {
  await store.dropPhoto(photo.id);
  photos = photos.filter((each) => each !== photo);
  shown = photos[photos.length - 1] ?? null;
  draw();
}

function shoot(role) {
  const old = find("[data-ghost]");
  return openFinder({
    title: dataset.title,
    under: document.querySelector("[data-clock]").textContent,
    ghost: role === "after" ? (old?.dataset.ghost ?? null) : null,
    ghostWords: old?.dataset.words ?? "",
    most: MOST - photos.length,
    says: () => standing(here()),
    take: (file, fresh) => add(file, role, fresh),
  });
}

/** How a point stands to the place of the case, in words; empty where either is not known. */
function standing(point, near = "m.near_to", far = "m.far_from", words = metresWords) {
  if (!spot || !point || point.lon === null) return "";
  const metres = apart(spot, point);
  return t(metres > Number(dataset.metres) ? far : near, { way: words(metres) });
}

async function onPosition(position, why) {
  find("[data-place-why]").textContent = why;
  if (!position) return;
  const far = document.querySelector("[data-away]");
  if (far && spot) far.textContent = metresWords(apart(spot, position));
  const { lon, lat, accuracy_m } = position;
  for (const photo of photos) {
    if (photo.lon !== null || !photo.fresh) continue;
    Object.assign(photo, { lon, lat, accuracy_m });
    await store.change("photos", photo.id, { lon, lat, accuracy_m });
  }
}

const pictures = new Map();
const picture = (photo) => pictures.get(photo.id) ?? pictures.set(photo.id, pictureOf(photo)).get(photo.id);

function draw() {
  find("[data-picture]").hidden = !shown;
  find("[data-no-picture]").hidden = ofRole("after").length > 0;
  if (shown) {
    find("[data-picture] img").src = picture(shown);
    const when = momentWords(shown.taken_at);
    find("[data-stamp]").replaceChildren(el("span", {}, `${t(`m.kind.${shown.kind}`)} ${when}`), el("span", {}, standing(shown, "m.away", "m.away_far", exactWords)));
  }
  const strip = find("[data-strip]");
  strip.hidden = photos.length < 2;
  strip.replaceChildren(
    ...photos.map((photo) =>
      el("button", { type: "button", class: `slot${photo === shown ? " is-shown" : ""}`, "data-photo": photo.id }, el("img", { src: picture(photo), alt: "" }), el("span", {}, t(`m.kind.${photo.kind}`))),
    ),
  );
}

// --- Sending ----------------------------------------------------------------------------------

/** What is missing before it can go, in words; "" when it can. */
function lacks() {
  if (!ofRole("after").length) return "m.need_after_photo";
  if (dataset.lacksBefore !== undefined && !ofRole("before").length) return "m.need_before_photo";
  const { quantity } = form.fields;
  return quantity !== "" && Number(quantity) >= 0 ? "" : "m.need_quantity";
}

async function send() {
  const missing = lacks();
  sayLack(missing);
  if (missing) return;
  sent = true;
  sent = await sendForm(form, find("[data-send]"), dataset.outbox);
}

function listen() {
  overCamera(page, async (input) => {
    if (input.dataset.again !== undefined && shown) {
      const old = shown;
      if (await shoot(old.role)) await remove(old);
    } else await shoot(input.dataset.role ?? "after");
  });
  page.addEventListener("change", async (event) => {
    const input = event.target;
    if (input.type !== "file") return;
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    const role = input.dataset.again !== undefined && shown ? shown.role : (input.dataset.role ?? "after");
    const old = input.dataset.again === undefined ? null : shown;
    if ((await add(file, role, input.hasAttribute("capture"))) && old) await remove(old);
  });
  page.addEventListener("input", (event) => {
    const { name: key, value } = event.target;
    if (!form || !["quantity", "note"].includes(key)) return;
    form.fields[key] = key === "quantity" ? value.trim() : value;
    keep();
  });
  page.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.receive !== undefined) receive();
    else if (button.dataset.ask !== undefined) askMore();
    else if (button.dataset.photo) {
      shown = photos.find((photo) => photo.id === button.dataset.photo);
      draw();
    } else if (button.dataset.remove !== undefined && shown) remove(shown);
    else if (button.dataset.send !== undefined) send();
  });
}

start();
