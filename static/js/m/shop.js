// One check of a shop: each point in order or not, photos, what comes of it, send. All of it is
// kept as it is entered, and goes through the queue like a report.

import { el, t } from "../text.js";
import { putPhoto, withPhoto } from "./album.js";
import { ready, sayLack, sayTrouble, sendForm } from "./app.js";
import { openFinder, overCamera } from "./finder.js";
import { photoOf, pictureOf } from "./photo.js";
import { follow, here } from "./place.js";
import { draft } from "./sender.js";
import { signable } from "./sign.js";

const MOST = 8;
const page = document.getElementById("shop");
const find = (selector) => page.querySelector(selector);
const { dataset } = page;
const lines = [...page.querySelectorAll("[data-point]")];

let store = null;
let form = null;
let photos = [];
let sent = false;
let paper = null;
let signing = Promise.resolve();

async function start() {
  store = await ready;
  if (!store || dataset.open === undefined) return;
  const kept = await store.ofShop(dataset.code);
  if (kept?.state === "waiting") {
    location.replace(`${dataset.outbox}?form=${kept.id}`);
    return;
  }
  const fields = { points: [], result: "", fix_by: null, note: "" };
  form = kept ?? draft(fields, { kind: "shop", shop: dataset.code, title: dataset.title, url: dataset.url, page: dataset.page });
  form.ends = dataset.ends;
  photos = await store.photosOf(form.id);
  paper = signable(find("[data-sign] canvas"), (file) => {
    signing = signing.then(() => sign(file)).catch(sayTrouble);
  });
  if (signature()) await paper.show(signature());
  find("[name=note]").value = form.fields.note;
  const bar = find("[data-refusal]");
  bar.hidden = !form.refusal;
  if (form.refusal) bar.querySelector("span").textContent = form.refusal.message;
  listen();
  follow(onPosition);
  draw();
  page.dataset.live = "1";
}

const told = (line) => form.fields.points.find(({ point }) => point === Number(line.dataset.point));
const anyBad = () => form.fields.points.some(({ ok }) => !ok);

async function keep() {
  if (sent) return;
  try {
    await store.keepForm(form);
  } catch (error) {
    sayTrouble(error);
  }
}

function tick(line, ok) {
  const point = Number(line.dataset.point);
  form.fields.points = [...form.fields.points.filter((each) => each.point !== point), { point, ok }];
  if (!anyBad()) form.fields.result = "passed";
  else if (form.fields.result === "passed") form.fields.result = "";
}

// --- The shop's signature: a picture of its own, under the slip ---------------------------------

const signature = () => photos.find(({ kind }) => kind === "document");
const pictured = () => photos.filter(({ kind }) => kind !== "document");

async function drop(photo) {
  await store.dropPhoto(photo.id);
  photos = photos.filter(({ id }) => id !== photo.id);
}

async function unsign() {
  if (signature()) await drop(signature());
  paper.clear();
}

// Each stroke makes it anew.
async function sign(file) {
  if (sent) return;
  const at = here();
  const said = { form: form.id, role: "now", kind: "document", original: true, fresh: true, position: MOST };
  const photo = await photoOf(file, at ? { ...said, lon: at.lon, lat: at.lat, accuracy_m: at.accuracy_m } : said);
  await store.keepPhoto(photo, form);
  if (signature()) await drop(signature());
  photos.push(photo);
  form.refused = false;
  draw();
}

// --- Photos -----------------------------------------------------------------------------------

/** Keep a picture; false where it was not kept. */
async function add(file, fresh) {
  if (pictured().length >= MOST) return false;
  page.classList.add("is-busy");
  try {
    const photo = await putPhoto(store, form, pictured(), file, { role: "now", kind: "near", fresh });
    photos = withPhoto(photos, photo);
    return true;
  } catch (error) {
    sayTrouble(error);
    return false;
  } finally {
    page.classList.remove("is-busy");
    draw();
  }
}

const shoot = () => openFinder({ title: dataset.title, under: t("m.shop_scene"), most: MOST - pictured().length, take: add });

async function onPosition(position, why) {
  find("[data-place-why]").textContent = why;
  if (!position) return;
  for (const photo of photos) {
    if (photo.lon !== null || !photo.fresh) continue;
    const { lon, lat, accuracy_m } = position;
    Object.assign(photo, { lon, lat, accuracy_m });
    await store.change("photos", photo.id, { lon, lat, accuracy_m });
  }
}

const pictures = new Map();
const picture = (photo) => pictures.get(photo.id) ?? pictures.set(photo.id, pictureOf(photo)).get(photo.id);

// --- What stands on the page ------------------------------------------------------------------

const press = (buttons, chosen) => buttons.forEach((button) => button.setAttribute("aria-pressed", String(chosen(button))));

function draw() {
  const { result, fix_by } = form.fields;
  for (const line of lines) {
    const found = told(line);
    press(line.querySelectorAll("[data-ok]"), (button) => found !== undefined && (button.dataset.ok === "1") === found.ok);
  }
  find("[data-bad]").hidden = !anyBad();
  press(page.querySelectorAll("[data-result]"), (button) => button.dataset.result === result);
  find("[data-fix]").hidden = result !== dataset.warned;
  press(page.querySelectorAll("[data-day]"), (button) => button.dataset.day === fix_by);
  const warned = result === dataset.warned;
  find("[data-sign]").hidden = !warned;
  find("[data-refuse]").setAttribute("aria-pressed", String(Boolean(form.refused)));
  find("[data-strip]").replaceChildren(
    ...pictured().map((photo, at) => el("button", { type: "button", class: "slot", "data-remove": photo.id, "aria-label": t("m.photo_remove", { n: at + 1 }) }, el("img", { src: picture(photo), alt: "" }), t("m.photo_off"))),
  );
  const open = lines.filter((line) => told(line) === undefined).length;
  find("[data-send]").textContent = open ? t("m.shop_send_not", { n: open }) : t(`m.shop_send_${result || "open"}`);
}

/** What is missing before it can go, by its key; "" when it can. */
function lacks() {
  const { result, fix_by } = form.fields;
  if (lines.some((line) => told(line) === undefined)) return "m.need_points";
  if (!result) return "m.need_shop_result";
  if (result === dataset.warned && !pictured().length) return "m.need_shop_photo";
  if (result === dataset.warned && !fix_by) return "m.need_fix_by";
  return "";
}

async function send() {
  const missing = lacks();
  sayLack(missing);
  if (missing) return;
  // Only points that are asked for here: the list may have changed since it was begun.
  const asked = new Set(lines.map((line) => Number(line.dataset.point)));
  form.fields.points = form.fields.points.filter(({ point }) => asked.has(point));
  await signing;
  if (form.fields.result !== dataset.warned) {
    form.fields.fix_by = null;
    await unsign();
  } else if (form.refused) sayRefused();
  sent = true;
  sent = await sendForm(form, find("[data-send]"), dataset.outbox);
}

// Once, also where the form comes back to be mended.
function sayRefused() {
  const [note, words] = [form.fields.note.trim(), t("m.sign_refused")];
  if (!note.includes(words)) form.fields.note = `${note} ${words}`.trim().slice(-Number(find("[name=note]").maxLength));
}

async function act({ dataset: asked }, line) {
  if (asked.send !== undefined) return send();
  if (asked.ok !== undefined) tick(line, asked.ok === "1");
  else if (asked.all !== undefined) for (const each of lines) tick(each, true);
  else if (asked.result) form.fields.result = asked.result;
  else if (asked.day) form.fields.fix_by = asked.day;
  else if (asked.remove) await drop({ id: asked.remove });
  else if (asked.unsign !== undefined) await unsign();
  else if (asked.refuse !== undefined) {
    form.refused = !form.refused;
    await unsign();
  }
  draw();
  return keep();
}

function listen() {
  overCamera(page, shoot);
  page.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type !== "file") return;
    const [file] = input.files;
    input.value = "";
    if (file) add(file, input.hasAttribute("capture"));
  });
  page.addEventListener("input", (event) => {
    if (event.target.name !== "note") return;
    form.fields.note = event.target.value;
    keep();
  });
  page.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) act(button, button.closest("[data-point]"));
  });
}

start();
