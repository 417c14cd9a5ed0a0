// The drawing board: geoman draws and drags, the server makes of it what stays seamless. Each act
// is sent with the version that is shown; what it changed comes back and is put on the paper.

import { csrfToken, t, toast, uuid } from "../text.js";

const SNAP = 14;
const GUIDES = 260;
const CHECK_PAUSE = 250;
const NUDGE = 3;
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

async function send(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify(body),
  });
  const told = await answer.json().catch(() => ({}));
  return { status: answer.status, told };
}

export class Editor {
  constructor(paper, { actUrl, checkUrl, stateUrl, onState, say }) {
    Object.assign(this, { paper, actUrl, checkUrl, stateUrl, onState, say });
    this.mode = "pick";
    this.merging = [];
    this.queue = Promise.resolve();
    const { map, box } = paper;
    map.pm.setLang("zh");
    map.on("pm:create", ({ layer }) => this.onDrawn(layer));
    box.addEventListener("grid:pick", (event) => this.onPick(event));
    box.addEventListener("grid:highlighted", () => this.mode === "edit" && this.editChosen());
    box.addEventListener("grid:let-go", () => this.setMode("pick"));
    map.getContainer().addEventListener("keydown", (event) => this.onVertexKey(event), true);
  }

  // --- Modes -----------------------------------------------------------------------------------

  setMode(mode) {
    if (["edit", "split"].includes(mode) && !this.paper.chosen) {
      toast(t("grid.choose_first"), "warn");
      return;
    }
    this.leave();
    this.mode = mode;
    this.paper.box.dataset.mode = mode;
    this.say(mode === "pick" ? "" : t(`grid.hint_${mode}`));
    if (mode === "edit") {
      this.comeNear();
      this.editChosen();
    }
    if (mode === "split") this.startDrawing("Line");
    if (mode === "draw") this.startDrawing("Polygon");
    if (mode === "merge") {
      this.merging = this.paper.chosen ? [this.paper.chosen] : [];
      this.tellMerge();
    }
    this.paper.box.dispatchEvent(new CustomEvent("grid:mode", { detail: { mode } }));
  }

  // Close enough that the vertices of the chosen cell stand apart.
  comeNear() {
    const { map, cells, chosen, unit } = this.paper;
    const { west, east, south, north } = cells.get(chosen).box;
    const bounds = [[south / unit, west / unit], [north / unit, east / unit]];
    const zoom = map.getBoundsZoom(bounds) - 0.75;
    if (map.getZoom() < zoom) map.setView([(south + north) / 2 / unit, (west + east) / 2 / unit], zoom, { animate: false });
  }

  leave() {
    const { map } = this.paper;
    if (this.mode === "edit") this.paper.mark?.pm.disable();
    if (["split", "draw"].includes(this.mode)) map.pm.disableDraw();
    this.guides?.remove();
    this.guides = null;
    this.picked?.remove();
    this.picked = null;
    this.merging = [];
    this.foresee([]);
    clearTimeout(this.timer);
  }

  // Cells near the middle of the view, invisible: what geoman snaps to.
  guide(keys) {
    const { L, map, cells } = this.paper;
    this.guides?.remove();
    const shapes = keys.map((key) => L.polygon(this.paper.latLngs(cells.get(key).parts), {
      className: "map-guide", interactive: false, pmIgnore: false, renderer: this.paper.top, pane: "chosen",
    }));
    this.guides = L.layerGroup(shapes).addTo(map);
  }

  near(boxes, reach) {
    const found = [];
    for (const { key, box } of this.paper.cells.values()) {
      const off = Math.max(boxes.west - box.east, box.west - boxes.east, boxes.south - box.north, box.south - boxes.north);
      if (off <= reach) found.push([off, key]);
    }
    return found.sort(([a], [b]) => a - b).slice(0, GUIDES).map(([, key]) => key);
  }

  startDrawing(kind) {
    const { map, unit } = this.paper;
    const view = map.getBounds();
    const box = { west: view.getWest() * unit, east: view.getEast() * unit, south: view.getSouth() * unit, north: view.getNorth() * unit };
    this.guide(this.near(box, 0));
    map.pm.enableDraw(kind, {
      snappable: true, snapDistance: SNAP, allowSelfIntersection: kind === "Line", finishOn: "dblclick", tooltips: false,
      templineStyle: { className: "map-draft-line" }, hintlineStyle: { className: "map-draft-line is-hint" },
      pathOptions: { className: "map-draft-line" },
    });
  }

  onDrawn(layer) {
    const spots = layer.getLatLngs();
    const ring = Array.isArray(spots[0]) ? spots[0] : spots;
    const points = ring.map(({ lng, lat }) => [lng, lat]);
    layer.remove();
    const ask = this.mode === "split"
      ? { kind: "split", keys: [this.paper.chosen], points }
      : { kind: "draw", points };
    const wasDraw = this.mode === "draw";
    this.setMode("pick");
    this.act(ask).then((told) => {
      const made = told && wasDraw && told.cells.cells.find(([key]) => key.startsWith("n"));
      if (made) this.paper.choose(made[0]);
    });
  }

  // --- Borders ---------------------------------------------------------------------------------

  editChosen() {
    const { mark, cells, chosen } = this.paper;
    const cell = cells.get(chosen);
    if (!mark || !cell) return;
    this.guide(this.near(cell.box, 2000).filter((key) => key !== chosen));
    this.known = cell.parts;
    this.dragging = false;
    mark.pm.enable({ snappable: true, snapDistance: SNAP, allowSelfIntersection: true, removeVertexOn: "contextmenu", hideMiddleMarkers: cell.parts.flat(2).length > 400 });
    mark.on("pm:markerdragstart", () => (this.dragging = true));
    mark.on("pm:markerdrag", () => this.whileDragging());
    mark.on("pm:markerdragend", () => {
      this.dragging = false;
      this.takeEdit();
    });
    mark.on("pm:edit", () => setTimeout(() => !this.dragging && this.takeEdit(), CHECK_PAUSE));
    for (const icon of this.paper.map.getContainer().querySelectorAll(".marker-icon")) {
      icon.setAttribute("aria-label", t("grid.vertex"));
      icon.setAttribute("role", "button");
    }
  }

  // What the shape on top has that the cell has not: one vertex moved, added or taken away.
  edited() {
    const { mark, unit } = this.paper;
    if (!mark || !this.known) return null;
    const parts = mark.getLatLngs();
    const deep = Array.isArray(parts[0][0]) ? parts : [parts];
    for (const [p, part] of this.known.entries()) {
      for (const [r, ring] of part.entries()) {
        const now = (deep[p]?.[r] ?? []).map(({ lng, lat }) => [lng * unit, lat * unit]);
        const change = this.changeOf(ring, now);
        if (change) return change;
      }
    }
    return null;
  }

  changeOf(ring, now) {
    const { unit } = this.paper;
    const near = ([ax, ay], [bx, by]) => Math.abs(ax - bx) < 0.6 && Math.abs(ay - by) < 0.6;
    const told = (point) => point.map((value) => value / unit);
    if (now.length === ring.length) {
      const at = now.findIndex((point, i) => !near(point, ring[i]));
      return at < 0 ? null : { kind: "move", points: [told(ring[at]), told(now[at])] };
    }
    if (now.length === ring.length + 1) {
      const at = now.findIndex((point, i) => i >= ring.length || !near(point, ring[i]));
      const [a, b, c] = [now[(at + now.length - 1) % now.length], now[at], now[(at + 1) % now.length]];
      return { kind: "move", points: [told(this.onEdge(a, c, b)), told(b)] };
    }
    if (now.length === ring.length - 1) {
      const at = ring.findIndex((point, i) => i >= now.length || !near(point, now[i]));
      return { kind: "remove", points: [told(ring[at])] };
    }
    return null;
  }

  // The point of an edge that is nearest to a place, but not one of its ends.
  onEdge([ax, ay], [bx, by], [x, y]) {
    const [wx, wy] = [bx - ax, by - ay];
    const share = ((x - ax) * wx + (y - ay) * wy) / (wx * wx + wy * wy || 1);
    const within = Math.min(Math.max(share, 0.1), 0.9);
    return [ax + wx * within, ay + wy * within];
  }

  takeEdit() {
    clearTimeout(this.timer);
    this.foresee([]);
    const ask = this.edited();
    if (!ask) return;
    this.known = null;
    this.act(ask).then((told) => told || this.paper.highlight());
  }

  // The neighbours follow at once; what would be wrong is asked of the server now and then.
  whileDragging() {
    const ask = this.edited();
    if (ask?.kind !== "move") return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(ask), CHECK_PAUSE);
    const { unit, cells, chosen } = this.paper;
    const [[lng, lat], [toLng, toLat]] = ask.points;
    const [x, y] = [Math.round(lng * unit), Math.round(lat * unit)];
    for (const key of this.near({ west: x, east: x, south: y, north: y }, 5)) {
      const cell = cells.get(key);
      if (key === chosen || !cell.parts.some((part) => part.some((ring) => ring.some(([px, py]) => px === x && py === y)))) continue;
      const moved = cell.parts.map((part) => part.map((ring) => ring.map(([px, py]) =>
        (px === x && py === y ? [toLng * unit, toLat * unit] : [px, py]))));
      this.paper.bend(cell, moved);
    }
  }

  async check(ask) {
    const { status, told } = await send(this.checkUrl, { ask });
    if (!this.dragging) return;
    this.foresee(status === 200 ? told.problems : []);
    if (status === 200) {
      this.say(told.problems.length ? told.problems.map(({ title }) => title).join("；") : t("grid.seamless"), told.problems.length ? "bad" : "ok");
    } else this.say(told.error?.message ?? "", "bad");
  }

  // What would be wrong if the vertex were let go here, drawn in its place.
  foresee(problems) {
    const { L, map } = this.paper;
    this.foreseen?.remove();
    this.foreseen = L.layerGroup(problems.map(({ kind, place }) => L.geoJSON(place, {
      pane: "seams", style: { className: `seam is-${kind} is-foreseen` }, interactive: false, pmIgnore: true,
    }))).addTo(map);
  }

  // A vertex that has the focus goes by arrows, and goes away by Delete.
  onVertexKey(event) {
    const icon = event.target.closest(".marker-icon");
    if (this.mode !== "edit" || !icon) return;
    const marker = this.paper.mark.pm._markers.flat(3).find((one) => one._icon === icon);
    if (!marker) return;
    const { map, unit } = this.paper;
    const { lng, lat } = marker.getLatLng();
    const from = [lng, lat].map((value) => Math.round(value * unit) / unit);
    event.stopPropagation();
    if (event.key === "Delete") this.act({ kind: "remove", points: [from] });
    else if (event.key in WAYS) {
      const step = event.shiftKey ? NUDGE * 5 : NUDGE;
      const at = map.latLngToContainerPoint([lat, lng]).add(WAYS[event.key].map((way) => way * step));
      const to = map.containerPointToLatLng(at);
      this.act({ kind: "move", points: [from, [to.lng, to.lat]] }).then(() => this.focusVertex(to));
    } else return;
    event.preventDefault();
  }

  focusVertex({ lng, lat }) {
    const markers = this.paper.mark?.pm._markers?.flat(3) ?? [];
    const off = (marker) => Math.hypot(marker.getLatLng().lng - lng, marker.getLatLng().lat - lat);
    markers.sort((a, b) => off(a) - off(b))[0]?._icon?.focus();
  }

  // --- Merging ---------------------------------------------------------------------------------

  onPick(event) {
    if (["split", "draw"].includes(this.mode)) event.preventDefault();
    if (this.mode !== "merge") return;
    event.preventDefault();
    const { key } = event.detail;
    this.merging = this.merging.includes(key) ? this.merging.filter((one) => one !== key) : [...this.merging, key];
    this.tellMerge();
  }

  tellMerge() {
    const { L, map, cells } = this.paper;
    this.picked?.remove();
    this.picked = L.layerGroup(this.merging.map((key) => L.polygon(this.paper.latLngs(cells.get(key).parts), {
      className: "map-picked", interactive: false, pmIgnore: true, renderer: this.paper.top, pane: "chosen",
    }))).addTo(map);
    const [first, ...others] = this.merging.map((key) => cells.get(key).code);
    this.say(others.length ? t("grid.merge", { others: others.join("、"), first }) : t("grid.hint_merge"));
  }

  mergeNow() {
    const keys = this.merging;
    if (keys.length < 2) {
      toast(t("grid.hint_merge"), "warn");
      return;
    }
    this.setMode("pick");
    this.act({ kind: "merge", keys }).then((told) => told && this.paper.choose(keys[0]));
  }

  // --- The server ------------------------------------------------------------------------------

  /** Makes one act after those before it; gives what the server answered, null where it refused. */
  act(ask) {
    const done = this.queue.then(() => this.actNow(ask));
    this.queue = done.catch(() => null);
    return done;
  }

  async actNow(ask) {
    const body = { ask, version: this.version, idempotency_key: uuid() };
    let answer;
    try {
      answer = await send(this.actUrl, body);
    } catch {
      // The line broke: the same act under the same key is made once.
      answer = await send(this.actUrl, body).catch(() => ({ status: 0, told: {} }));
    }
    const { status, told } = answer;
    if (status === 200) {
      this.paper.put(told.cells);
      this.take(told);
      this.say(told.said, "ok");
      return told;
    }
    this.refuse(status, told.error);
    if (status === 409 || status === 404) await this.reload();
    else this.paper.put({ unit: this.paper.unit, teams: [], cells: [] });
    return null;
  }

  refuse(status, error) {
    const message = error?.message ?? t(status ? "net.failed" : "net.down");
    this.say(message, "bad");
    toast(message);
    this.restore();
    if (!error?.at) return;
    const { L, map } = this.paper;
    const [lng, lat] = error.at;
    const spot = L.marker([lat, lng], { icon: L.divIcon({ className: "seam-seat", html: "<span class=\"seam-spot\"></span>", iconSize: [0, 0] }), interactive: false, pmIgnore: true }).addTo(map);
    setTimeout(() => spot.remove(), 6000);
  }

  // Neighbours that followed a drag go back to where they are.
  restore() {
    for (const cell of this.paper.cells.values()) this.paper.bend(cell);
    this.paper.highlight();
  }

  take(state) {
    this.version = state.version;
    this.onState(state);
  }

  /** The draft as it is on the server now: somebody else changed it. */
  async reload() {
    const { shapesUrl } = this.paper.box.dataset;
    const [cells, state] = await Promise.all([shapesUrl, this.stateUrl].map((url) =>
      fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" }).then((one) => one.json())));
    this.paper.fill(cells);
    this.paper.paint();
    this.take(state);
  }
}
