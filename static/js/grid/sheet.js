// All cells as one picture on one canvas: no layer, no node and no style object a cell. Corners are
// projected once, as numbers of the whole world; where the map stands is then two multiplications
// each. Cells of one colour are filled together, and corners nearer than a pixel are one.

import { el } from "../text.js";

const PADDING = 0.2;
// Of so many cells one path is made: a larger one is slower to fill.
const TOGETHER = 120;
const NEAR = 0.7;
const LINE = "#9aa8b7";
const HOLE_LINE = "#b3261e";
const HOLE_FILL = "#fde8e6";
// Dashes are dear, and not seen in a cell of a few pixels.
const MOST_DASHED = 400;

/** Whether a place is inside of rings of x, y, x, y, …; a hole is a ring as well. */
function holds(rings, x, y) {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [ay, by] = [ring[i + 1], ring[j + 1]];
      if (ay > y !== by > y && x < ((ring[j] - ring[i]) * (y - ay)) / (by - ay) + ring[i]) inside = !inside;
    }
  }
  return inside;
}

export class Sheet {
  constructor(L, map) {
    this.L = L;
    this.map = map;
    this.cells = new Set();
    this.canvas = el("canvas", { class: "map-sheet" });
    map.getPane("overlayPane").prepend(this.canvas);
    map.on("moveend zoomend resize viewreset", () => this.draw());
  }

  /** Takes a cell in, or anew once its `parts` (rings of whole units) changed. */
  put(cell, unit, parts = cell.parts) {
    cell.drawn = { parts, unit };
    this.project(cell);
    this.cells.add(cell);
  }

  drop(cell) {
    this.cells.delete(cell);
  }

  // Corners and middle on the map of the world at zoom 0, and the frame around them.
  project(cell) {
    const { projection, transformation } = this.crs();
    const { parts, unit } = cell.drawn;
    const frame = [Infinity, Infinity, -Infinity, -Infinity];
    const spot = (x, y) => transformation._transform(projection.project({ lat: y / unit, lng: x / unit }), 256);
    cell.rings = parts.flat().map((ring) => {
      const found = new Float64Array(ring.length * 2);
      ring.forEach(([x, y], i) => {
        const at = spot(x, y);
        found[2 * i] = at.x;
        found[2 * i + 1] = at.y;
        frame[0] = Math.min(frame[0], at.x);
        frame[1] = Math.min(frame[1], at.y);
        frame[2] = Math.max(frame[2], at.x);
        frame[3] = Math.max(frame[3], at.y);
      });
      return found;
    });
    cell.frame = frame;
    cell.whole = parts.every((part) => part.length === 1);
    cell.spot = spot(cell.middle.x, cell.middle.y);
  }

  // A base map with other offsets is another projection: everything is laid out anew.
  crs() {
    const { crs } = this.map.options;
    if (this.known !== crs) {
      this.known = crs;
      for (const cell of this.cells) this.project(cell);
    }
    return crs;
  }

  /** How a place of the world comes into the frame of the map: times `scale`, less x and y. */
  view() {
    const { map } = this;
    this.crs();
    const { x, y } = map.getPixelOrigin().add(map.containerPointToLayerPoint([0, 0]));
    return { scale: 2 ** map.getZoom(), x, y };
  }

  /** The cell at a place of the map, undefined where none is. */
  at(latlng) {
    const { projection, transformation } = this.crs();
    const { x, y } = transformation._transform(projection.project(latlng), 256);
    let found;
    for (const cell of this.cells) {
      const [west, north, east, south] = cell.frame;
      if (x >= west && x <= east && y >= north && y <= south && holds(cell.rings, x, y)) found = cell;
    }
    return found;
  }

  /** Draws at the next frame, however often it is asked for until then. */
  soon() {
    this.asked ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.asked);
    this.asked = undefined;
    const pen = this.cleared();
    const seen = this.seen();
    const backed = this.map.getContainer().parentElement.classList.contains("has-base");
    const sound = seen.filter((cell) => !cell.holes.length);
    const holed = seen.filter((cell) => cell.holes.length);
    pen.globalAlpha = backed ? 0.45 : 0.86;
    for (const [tint, cells] of byTint(sound)) this.fill(pen, cells, tint);
    this.fill(pen, holed, HOLE_FILL);
    pen.globalAlpha = 1;
    pen.lineJoin = "round";
    this.stroke(pen, sound, LINE, 1);
    if (holed.length <= MOST_DASHED) pen.setLineDash([4, 3]);
    this.stroke(pen, holed, HOLE_LINE, 1.5);
  }

  // The canvas over the view and a little more, empty; the pen works in pixels of the view.
  cleared() {
    const { L, map, canvas } = this;
    const size = map.getSize();
    const scale = window.devicePixelRatio || 1;
    const [padX, padY] = [Math.round(size.x * PADDING), Math.round(size.y * PADDING)];
    L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([-padX, -padY]));
    canvas.width = (size.x + 2 * padX) * scale;
    canvas.height = (size.y + 2 * padY) * scale;
    canvas.style.width = `${size.x + 2 * padX}px`;
    canvas.style.height = `${size.y + 2 * padY}px`;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.translate(padX, padY);
    this.place = this.view();
    const { x, y } = this.place;
    this.window = [-padX, -padY, size.x + padX, size.y + padY].map((edge, i) => (edge + (i % 2 ? y : x)) / this.place.scale);
    return pen;
  }

  seen() {
    const [west, north, east, south] = this.window;
    return [...this.cells].filter(({ frame }) => frame[0] <= east && frame[2] >= west && frame[1] <= south && frame[3] >= north);
  }

  fill(pen, cells, tint) {
    pen.fillStyle = tint;
    for (const some of batches(cells.filter(({ whole }) => whole))) {
      this.trace(pen, some);
      pen.fill();
    }
    for (const cell of cells.filter(({ whole }) => !whole)) {
      this.trace(pen, [cell]);
      pen.fill("evenodd");
    }
  }

  stroke(pen, cells, color, width) {
    pen.strokeStyle = color;
    pen.lineWidth = width;
    for (const some of batches(cells)) {
      this.trace(pen, some);
      pen.stroke();
    }
  }

  trace(pen, cells) {
    const { scale, x: offX, y: offY } = this.place;
    pen.beginPath();
    for (const { rings } of cells) {
      for (const ring of rings) {
        let [lastX, lastY] = [ring[0] * scale - offX, ring[1] * scale - offY];
        pen.moveTo(lastX, lastY);
        for (let i = 2; i < ring.length; i += 2) {
          const [x, y] = [ring[i] * scale - offX, ring[i + 1] * scale - offY];
          if (Math.abs(x - lastX) < NEAR && Math.abs(y - lastY) < NEAR) continue;
          pen.lineTo(x, y);
          [lastX, lastY] = [x, y];
        }
        pen.closePath();
      }
    }
  }
}

function byTint(cells) {
  const found = new Map();
  for (const cell of cells) {
    if (!found.has(cell.tint)) found.set(cell.tint, []);
    found.get(cell.tint).push(cell);
  }
  return found;
}

function* batches(cells) {
  for (let start = 0; start < cells.length; start += TOGETHER) yield cells.slice(start, start + TOGETHER);
}
