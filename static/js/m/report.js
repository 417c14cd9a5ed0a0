// One problem: photos first, then a class, then send. Everything is kept as it is entered, so a
// page that is closed, reloaded or updated goes on where it was.

import { el, t } from "../text.js";
import { nextKind, putPhoto, withPhoto } from "./album.js";
import { changed, ready, sayLack, sayTrouble } from "./app.js";
import { likeliest, load, search, six } from "./classes.js";
import { hasFinder, openFinder, overCamera } from "./finder.js";
import { asWanted, pictureOf, wantOriginals } from "./photo.js";
import { follow, nameOf } from "./place.js";
import { showMap } from "./minimap.js";
import { draft } from "./sender.js";

const KINDS = ["near", "far", "reference"];
const MOST = 9;
const page = document.getElementById("report");
const find = (selector) => page.querySelector(selector);
const plainTitle = document.querySelector("h1").textContent;
const { classesUrl, placeUrl, cellsUrl, outbox, icons } = page.dataset;

let store = null;
let form = null;
let photos = [];
let shown = null;
let book = { classes: [], usage: [], teams: [] };
let offered = [];
let place = null;
let sent = false;

// --- Keeping ----------------------------------------------------------------------------------

async function keep() {
  if (sent || (!photos.length && form.state === "draft")) return;
  try {
    await store.keepForm(form);
  } catch (error) {
    sayTrouble(error);
  }
}

async function start() {
  store = await ready;
  if (!store) return;
  const asked = new URLSearchParams(location.search).get("form");
  const kept = asked ? await store.get("forms", asked) : null;
  if (kept?.state === "waiting") {
    location.replace(`${outbox}?form=${kept.id}`);
    return;
  }
  form = kept ?? draft();
  if (!kept && new URLSearchParams(location.search).has("self")) form.fields.self_check = true;
  photos = await store.photosOf(form.id);
  shown = photos[photos.length - 1] ?? null;
  book = await load(classesUrl);
  wantOriginals(book.classes.some((row) => row.original));
  offered = six(book, form.fields.cell ?? null, new Date().getHours());
  fill();
  listen();
  follow(onPosition);
  draw();
  page.dataset.live = "1";
  if (new URLSearchParams(location.search).has("shoot") && !photos.length && hasFinder()) shoot("before");
}

// --- Photos -----------------------------------------------------------------------------------

const ofRole = (role) => photos.filter((photo) => photo.role === role);

/** Keep pictures, or one in place of an old one; how many were kept. */
async function add(files, role, fresh, old = null) {
  let count = 0;
  page.classList.add("is-busy");
  for (const file of files) {
    if (!old && photos.length >= MOST) break;
    const kind = role === "after" ? "after" : (nextKind(KINDS, ofRole("before")) ?? "near");
    try {
      const photo = await putPhoto(store, form, photos, file, { role, kind, fresh }, old);
      photos = withPhoto(photos, photo, old);
      shown = photo;
      count += 1;
    } catch (error) {
      sayTrouble(error);
    }
  }
  page.classList.remove("is-busy");
  draw();
  return count;
}

const title = () => t(form.fields.handled ? "m.handled" : "m.finder");

function shoot(role) {
  const before = role !== "after";
  // What is there already comes first: it may not be the first that is usually taken.
  const there = KINDS.filter((kind) => photos.some((photo) => photo.kind === kind));
  const kinds = [...there, ...KINDS.filter((kind) => !there.includes(kind))];
  return openFinder({
    title: title(),
    most: MOST - photos.length,
    says: () => (before ? "" : t("m.shot_now", { kind: t("m.kind.after") })),
    kinds: before ? kinds.map((kind) => t(`m.kind.${kind}`)) : [],
    from: there.length,
    take: (file, fresh) => add([file], role, fresh),
  });
}

function shootAgain(old) {
  const words = t("m.shot_now", { kind: t(`m.kind.${old.kind}`) });
  return openFinder({ title: title(), most: 1, says: () => words, take: (file, fresh) => add([file], old.role, fresh, old) });
}

async function remove(photo) {
  await store.dropPhoto(photo.id);
  photos = photos.filter((each) => each.id !== photo.id);
  if (shown?.id === photo.id) shown = photos[photos.length - 1] ?? null;
  draw();
}

const pictures = new Map();
const picture = (photo) => pictures.get(photo.id) ?? pictures.set(photo.id, pictureOf(photo)).get(photo.id);

function drawPhotos() {
  const big = find("[data-picture]");
  big.hidden = !shown;
  find("[data-no-picture]").hidden = Boolean(shown);
  if (shown) {
    find("[data-picture] img").src = picture(shown);
    const when = new Date(shown.taken_at).toLocaleTimeString("zh-CN", { hour12: false });
    find("[data-stamp]").textContent = shown.lon === null ? when : `${when} · ${shown.lat.toFixed(5)}, ${shown.lon.toFixed(5)}`;
  }
  const wanted = nextKind(KINDS, ofRole("before"));
  find("[data-next-kind]").textContent = wanted ? t(`m.kind.${wanted}`) : t("m.shot_more");
  for (const role of ["before", "after"]) {
    const strip = find(`[data-strip=${role}]`);
    strip.replaceChildren(
      ...ofRole(role).map((photo) =>
        el(
          "button",
          { type: "button", class: `slot${photo === shown ? " is-shown" : ""}`, "data-photo": photo.id },
          el("img", { src: picture(photo), alt: "" }),
          el("span", {}, t(`m.kind.${photo.kind}`)),
        ),
      ),
    );
  }
}

// --- Class and place --------------------------------------------------------------------------

const classOf = (id) => book.classes.find((row) => row.id === id) ?? null;

function choose(id, guessed = false) {
  form.fields.category = id;
  form.guessed = guessed;
  form.title = classOf(id)?.name ?? "";
  const standard = classOf(id)?.standards[0]?.[0] ?? null;
  for (const part of [form.fields.handled, form.fields.direct]) if (part) part.standard = standard;
  keep();
  draw();
}

// Where one's own use says it clearly the class stands there already; it is seen on the button that
// sends, and one tap changes it.
function guess(cell) {
  const row = form.fields.category || form.fields.text?.trim() || form.state !== "draft" ? null : likeliest(book, cell, new Date().getHours());
  if (row) choose(row.id, true);
}

const SVG = "http://www.w3.org/2000/svg";

function icon(name) {
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${icons}#${name}`);
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("class", "icon");
  drawn.setAttribute("aria-hidden", "true");
  drawn.append(use);
  return drawn;
}

function classButton(row, chosen) {
  return el("button", { type: "button", class: "pick", "data-class": row.id, "aria-pressed": String(row.id === chosen) }, icon(row.icon || "flag"), row.name);
}

function drawClasses() {
  const chosen = form.fields.category ?? null;
  const rows = [...offered];
  if (chosen && !rows.some((row) => row.id === chosen) && classOf(chosen)) rows[rows.length - 1] = classOf(chosen);
  find("[data-six]").replaceChildren(...rows.map((row) => classButton(row, chosen)));
  find("[data-no-classes]").hidden = book.classes.length > 0;
  const typed = find("[data-search]").value;
  const found = search(book, typed);
  find("[data-found]").replaceChildren(...found.map((row) => classButton(row, chosen)));
  find("[data-found-none]").hidden = !typed.trim() || found.length > 0;
  const name = classOf(chosen)?.name;
  find("[data-which]").textContent = form.guessed && name ? t("m.guessed", { name }) : t("m.which");
  find("[data-send]").textContent = form.fields.direct ? t("m.send_direct") : name ? t("m.send_class", { name }) : t("m.send");
}

async function onPosition(position, why) {
  find("[data-place-why]").textContent = why && `${why}${t("m.place_write")}`;
  if (!position || form.placed) return;
  const first = form.fields.lon === undefined;
  Object.assign(form.fields, { lon: position.lon, lat: position.lat });
  form.accuracy_m = position.accuracy_m;
  for (const photo of photos) {
    if (photo.lon !== null || !photo.fresh) continue;
    Object.assign(photo, position, { at: undefined });
    await store.change("photos", photo.id, { lon: position.lon, lat: position.lat, accuracy_m: position.accuracy_m });
  }
  await keep();
  draw();
  if (first) await name();
}

async function name() {
  const told = await nameOf(placeUrl, form.fields, cellsUrl);
  if (!told) return;
  place = told;
  form.place = told.words;
  form.fields.cell = undefined;
  form.cell = told.cell;
  // The six are ordered once, before anything was picked: nothing moves under the thumb.
  if (!form.fields.category && told.cell) offered = six(book, told.cell, new Date().getHours());
  guess(told.cell);
  await keep();
  draw();
}

function drawPlace() {
  const { lon, lat } = form.fields;
  const known = lon !== undefined && lon !== null;
  const where = find("[data-place]");
  where.textContent = form.fields.address || form.place || (known ? `${lat.toFixed(5)}, ${lon.toFixed(5)}` : t("m.place_wait"));
  const chip = find("[data-accuracy]");
  chip.hidden = !known;
  const sure = form.placed || (form.accuracy_m ?? 999) <= 30;
  chip.className = `chip tone-${sure ? "ok" : "warn"}`;
  chip.textContent = form.placed ? t("m.place_hand") : t("m.place_exact", { n: form.accuracy_m ?? "?" });
  find("[data-area]").textContent = place?.area ?? "";
  const tiny = find("[data-tiny]");
  for (const [part, off] of [[tiny, !known], [find("[data-no-tiny]"), known]]) part.toggleAttribute("hidden", off);
  if (known) showMap(tiny, form.fields, place);
}

function openMap() {
  const box = find("[data-pin-map]");
  box.hidden = !box.hidden;
  // Below what was tapped there is the bar: without this the map would open behind it.
  if (!box.hidden) box.scrollIntoView({ block: "center" });
  if (box.hidden || form.fields.lon === undefined) return;
  showMap(box.querySelector("svg"), form.fields, place, async (point) => {
    Object.assign(form.fields, point);
    form.placed = true;
    await keep();
    drawPlace();
    await name();
  });
}

// --- Put right on the spot, ordered at once ---------------------------------------------------

function toggle(part, fresh) {
  const other = part === "handled" ? "direct" : "handled";
  form.fields[part] = form.fields[part] ? undefined : { standard: classOf(form.fields.category)?.standards[0]?.[0] ?? null, ...fresh };
  form.fields[other] = undefined;
  keep();
  draw();
  if (form.fields[part]) find(`[data-part=${part}]`).scrollIntoView({ block: "center" });
}

function drawParts() {
  document.querySelector("h1").textContent = form.fields.handled ? t("m.handled") : plainTitle;
  for (const part of ["handled", "direct"]) {
    const box = find(`[data-part=${part}]`);
    const on = form.fields[part];
    if (!box) continue;
    box.hidden = !on;
    find(`[data-toggle=${part}]`).setAttribute("aria-pressed", String(Boolean(on)));
    if (!on) continue;
    const row = classOf(form.fields.category);
    const select = box.querySelector("select[data-standard]");
    select.replaceChildren(...(row?.standards ?? []).map(([id, words]) => el("option", { value: id, selected: id === on.standard }, words)));
    const unit = box.querySelector("[data-unit]");
    if (unit) unit.textContent = row?.unit ? t("m.unit", { unit: row.unit }) : "";
  }
}

// --- The form ---------------------------------------------------------------------------------

function fill() {
  find("[name=text]").value = form.fields.text ?? "";
  find("[name=address]").value = form.fields.address ?? "";
  const own = find("[name=self_check]");
  if (own) own.checked = Boolean(form.fields.self_check);
  if (form.handled && !form.fields.handled) form.fields.handled = { standard: null, quantity: "1" };
  if (form.fields.handled) {
    find("[name=quantity]").value = form.fields.handled.quantity ?? "1";
    find("[name=note]").value = form.fields.handled.note ?? "";
  }
  const team = find("[name=team]");
  if (team) {
    team.append(...book.teams.map(([id, words]) => el("option", { value: id }, words)));
    team.value = form.fields.direct?.team ?? "";
    find("[name=instruction]").value = form.fields.direct?.instruction ?? "";
  }
  const bar = find("[data-refusal]");
  bar.hidden = !form.refusal;
  if (form.refusal) bar.querySelector("span").textContent = form.refusal.message;
}

function read(field) {
  const { name: key, value } = field;
  const { handled, direct } = form.fields;
  if (key === "text" || key === "address") form.fields[key] = value;
  else if (key === "self_check") form.fields.self_check = field.checked;
  else if (handled && (key === "quantity" || key === "note")) handled[key] = value;
  else if (direct && key === "team") direct.team = value ? Number(value) : null;
  else if (direct && key === "instruction") direct.instruction = value;
  else if (field.dataset.standard !== undefined) (handled ?? direct).standard = Number(value);
}

/** What is missing before it can go, in words; "" when it can. */
function lacks() {
  const { category, text, lon, address, handled, direct } = form.fields;
  if (!ofRole("before").length) return "m.need_photo";
  if (!category && !(text ?? "").trim()) return "m.need_class";
  if ((lon === undefined || lon === null) && !(address ?? "").trim()) return "m.need_place";
  if (handled && !ofRole("after").length) return "m.need_after";
  if ((handled || direct) && !(handled ?? direct).standard) return "m.need_standard";
  if (handled && !(Number(handled.quantity) >= 0 && handled.quantity !== "")) return "m.need_quantity";
  return "";
}

async function send() {
  const missing = lacks();
  sayLack(missing);
  if (missing) return;
  const button = find("[data-send]");
  button.disabled = true;
  try {
    delete form.fields.cell;
    for (const photo of photos) {
      const changes = asWanted(photo, Boolean(classOf(form.fields.category)?.original));
      if (changes) await store.change("photos", photo.id, changes);
    }
    if (!form.title) form.title = (form.fields.text ?? "").slice(0, 20);
    sent = true;
    await store.send(form);
  } catch (error) {
    sent = false;
    sayTrouble(error);
    button.disabled = false;
    return;
  }
  changed();
  location.assign(`${outbox}?form=${form.id}`);
}

function listen() {
  overCamera(page, async (input) => {
    if (input.dataset.again === undefined) await shoot(input.dataset.role || "before");
    else if (shown) await shootAgain(shown);
  });
  page.addEventListener("change", async (event) => {
    const input = event.target;
    if (input.type !== "file") {
      read(input);
      keep();
      drawPlace();
      return;
    }
    const files = [...input.files];
    input.value = "";
    const old = input.dataset.again === undefined ? null : shown;
    await add(files, input.dataset.role || "before", input.hasAttribute("capture"), old);
  });
  page.addEventListener("input", (event) => {
    if (event.target.dataset.search !== undefined) drawClasses();
  });
  page.addEventListener("click", (event) => {
    const target = event.target.closest("button");
    if (!target) return;
    if (target.dataset.class) choose(Number(target.dataset.class));
    else if (target.dataset.photo) {
      shown = photos.find((photo) => photo.id === target.dataset.photo);
      drawPhotos();
    } else if (target.dataset.remove !== undefined && shown) remove(shown);
    else if (target.dataset.toggle === "handled") toggle("handled", { quantity: "1" });
    else if (target.dataset.toggle === "direct") toggle("direct", {});
    else if (target.dataset.openMap !== undefined) openMap();
    else if (target.dataset.openSearch !== undefined) {
      find("[data-searching]").hidden = false;
      find("[data-search]").focus();
    } else if (target.dataset.send !== undefined) send();
  });
}

function draw() {
  drawPhotos();
  drawClasses();
  drawPlace();
  drawParts();
}

start();
