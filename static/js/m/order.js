// One order: received, photographed as it is now over how it was, how much, send; or more time
// asked for. All of it is kept as it is entered, and goes through the queue like a report.

import { el, t } from "../text.js";
import { putPhoto, withPhoto } from "./album.js";
import { changed, closeBar, onChange, ready, sayLack, sayTrouble, sendForm } from "./app.js";
import { openFinder, overCamera } from "./finder.js";
import { pictureOf } from "./photo.js";
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
  onChange(sayAsked);
  await sayAsked();
  // A page that was kept does not know that this phone has sent it since.
  if ((await store.acts()).get(dataset.key) === "arrived" && dataset.open !== undefined) {
    delete dataset.open;
    closeBar("m.row_arrived");
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

// What was put into the queue from here, by its act: its words follow it until it has arrived.
const asked = new Map();

const WORDS = {
  receive: { waiting: "m.received_waits", refused: "m.row_refused", arrived: "m.received" },
  "ask-extension": { waiting: "m.more_waits", refused: "m.row_refused", arrived: "m.more_arrived" },
  "tell-leader": { waiting: "m.tell_waits", refused: "m.row_refused", arrived: "m.tell_arrived" },
};

async function sayAsked() {
  for (const [act, words] of Object.entries(WORDS)) {
    const kept = await store.ofOrder(id, act);
    if (kept) asked.set(act, kept.id);
    if (!asked.has(act)) continue;
    const arrived = !kept && (await store.get("receipts", asked.get(act)));
    // Thrown away by hand: it can be asked anew on the page that is opened next.
    const key = words[kept ? kept.state : arrived ? "arrived" : ""];
    if (key) SAY[act](t(key), kept?.refusal?.message ?? "");
  }
}

const SAY = {
  receive: (words) => {
    const button = find("[data-receive]");
    if (!button) return;
    button.disabled = true;
    button.textContent = words;
  },
  "ask-extension": sayMore,
  "tell-leader": sayMore,
};

// What was refused can be asked anew: its field stays.
function sayMore(words, why) {
  const said = find("[data-more-said]");
  if (!said) return;
  said.hidden = false;
  said.className = `tone-${why ? "bad" : "ok"} toned`;
  said.textContent = [words, why].filter(Boolean).join("：");
  find("[data-more-ask]").hidden = !why;
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

const receive = () => put("receive", {});

async function askMore() {
  const words = find("[name=reason]").value.trim();
  sayLack(words ? "" : "m.need_reason");
  if (words) await put("ask-extension", { note: words });
}

// --- Photos -----------------------------------------------------------------------------------

const ofRole = (role) => photos.filter((photo) => photo.role === role);

/** Keep a picture, or one in place of an old one; false where it was not kept. */
async function add(file, role, fresh, old = null) {
  if (!old && photos.length >= MOST) return false;
  page.classList.add("is-busy");
  try {
    const said = { role, kind: role, fresh, original: dataset.original !== undefined };
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

async function remove(photo) {
  await store.dropPhoto(photo.id);
  photos = photos.filter((each) => each !== photo);
  shown = photos[photos.length - 1] ?? null;
  draw();
}

function shoot(role, old = null) {
  const ghost = find("[data-ghost]");
  return openFinder({
    title: dataset.title,
    under: document.querySelector("[data-clock]").textContent,
    ghost: role === "after" ? (ghost?.dataset.ghost ?? null) : null,
    ghostWords: ghost?.dataset.words ?? "",
    most: old ? 1 : MOST - photos.length,
    says: () => standing(here()),
    take: (file, fresh) => add(file, role, fresh, old),
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
  overCamera(page, (input) => {
    const old = input.dataset.again === undefined ? null : shown;
    return shoot(old?.role ?? input.dataset.role ?? "after", old);
  });
  page.addEventListener("change", async (event) => {
    const input = event.target;
    if (input.type !== "file") return;
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    const old = input.dataset.again === undefined ? null : shown;
    await add(file, input.dataset.role ?? "after", input.hasAttribute("capture"), old);
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
    else if (button.dataset.tell !== undefined) put("tell-leader", { note: find("[name=reason]").value.trim() });
    else if (button.dataset.photo) {
      shown = photos.find((photo) => photo.id === button.dataset.photo);
      draw();
    } else if (button.dataset.remove !== undefined && shown) remove(shown);
    else if (button.dataset.send !== undefined) send();
  });
}

start();
