// The camera is one tap away: the viewfinder where there is one, else the phone's own camera. What
// is taken here opens the form that it belongs to.

import "./drafts.js";
import { ready, sayTodo, sayTrouble } from "./app.js";
import { openFinder, overCamera } from "./finder.js";
import { keepLinked } from "./keep.js";
import { photoOf } from "./photo.js";
import { apart, follow, here, metresWords } from "./place.js";
import { draft } from "./sender.js";
import { t } from "../text.js";

const KINDS = ["near", "far", "reference"];
const MOST = 9;
// What is put right on the spot is shown before and after, in one go.
const SHOTS = {
  report: { title: "m.finder", kinds: KINDS, needed: 1, said: (at) => ({ kind: KINDS[at] ?? "near" }) },
  handled: { title: "m.handled", kinds: ["before", "after"], needed: 2, said: (at) => (at ? { role: "after", kind: "after" } : { kind: "near" }) },
};
const shotsOf = (input) => SHOTS[input.dataset.shoot] ?? SHOTS.report;

function begun(input) {
  const form = draft();
  form.handled = input.dataset.shoot === "handled";
  return form;
}

async function keep(store, form, file, fresh, position, shows) {
  const at = fresh ? here() : null;
  const said = { form: form.id, fresh, position, ...shows };
  try {
    await store.keepPhoto(await photoOf(file, at ? { ...said, lon: at.lon, lat: at.lat, accuracy_m: at.accuracy_m } : said), form);
    return true;
  } catch (error) {
    sayTrouble(error);
    return false;
  }
}

const goOn = (input, form) => location.assign(`${input.dataset.form}?form=${form.id}`);

for (const input of document.querySelectorAll("input[data-shoot]")) {
  input.addEventListener("change", async () => {
    const [file] = input.files;
    const store = await ready;
    if (!file || !store) return;
    document.documentElement.classList.add("is-busy");
    const form = begun(input);
    if (await keep(store, form, file, input.hasAttribute("capture"), 0, shotsOf(input).said(0))) goOn(input, form);
    else document.documentElement.classList.remove("is-busy");
    input.value = "";
  });
}

overCamera(document.body, async (input) => {
  const store = await ready;
  if (!store) return;
  follow(() => {});
  const form = begun(input);
  const { title, kinds, needed, said } = shotsOf(input);
  let count = 0;
  await openFinder({
    title: t(title),
    most: MOST,
    needed,
    kinds: kinds.map((kind) => t(`m.kind.${kind}`)),
    take: async (file, fresh) => {
      const took = await keep(store, form, file, fresh, count, said(count));
      if (took) count += 1;
      return took;
    },
  });
  if (count) goOn(input, form);
});

// How far each is stands there where the place may be asked for without a question on the screen.
async function sayFar() {
  const leave = await navigator.permissions?.query({ name: "geolocation" });
  if (leave?.state !== "granted") return;
  follow((position) => {
    if (!position) return;
    for (const row of document.querySelectorAll("li[data-lon]")) {
      row.querySelector("[data-far]").textContent = metresWords(apart(position, { lon: Number(row.dataset.lon), lat: Number(row.dataset.lat) }));
    }
  });
}

// How far today's patrol is, as its own page last reckoned it on this phone.
function sayWalked() {
  const kept = localStorage.getItem(`phone-walked-${document.body.dataset.user}`);
  const { day, cells, of, checked, sites } = kept ? JSON.parse(kept) : {};
  const card = document.getElementById("walked");
  card.hidden = day !== new Date().toDateString() || !of;
  if (card.hidden) return;
  card.querySelector("b").textContent = t("m.walked", { n: cells, rest: of - cells });
  card.querySelector(".muted").textContent = sites ? t("m.walked_sites", { n: checked, all: sites }) : "";
  card.querySelector("progress").max = of;
  card.querySelector("progress").value = cells;
}

sayWalked();
sayFar().catch((error) => console.info(error));
sayTodo(Number(document.getElementById("waiting").dataset.count));
ready.then(() => keepLinked());
