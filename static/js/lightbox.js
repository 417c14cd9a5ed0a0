// The big view of the photos of one group: zoom, turn, go on. Without script a link opens the picture.

import { el, t } from "./text.js";

const MAX_ZOOM = 8;
const PLAIN = "photo-plain";
let view = null;

// The same address shows the picture with time and place in it, or without.
const addressOf = (href, plain) => (plain ? href : href.replace(/(\/photos\/[\w-]+\/)display\//, "$1stamped/"));

function button(label, key, act) {
  const face = { ArrowLeft: "←", ArrowRight: "→" }[key] ?? key;
  const node = el("button", { type: "button", "data-key": key }, label, " ", el("kbd", {}, face));
  node.addEventListener("click", act);
  return node;
}

class View {
  constructor() {
    this.image = el("img", { draggable: "false" });
    this.stage = el("div", { class: "lightbox-stage" }, this.image);
    this.words = el("p", { "aria-live": "polite" });
    this.original = el("a", { target: "_blank", rel: "noopener" }, t("photo.original"));
    this.back = button(t("photo.previous"), "ArrowLeft", () => this.go(-1));
    this.next = button(t("photo.next"), "ArrowRight", () => this.go(1));
    this.stamp = button(t("photo.stamp"), "w", () => this.turnStamp());
    const close = button(t("photo.close"), "q", () => this.dialog.close());
    const bar = el("div", { class: "lightbox-bar" }, this.words, this.back, this.next,
      button(t("photo.bigger"), "+", () => this.scale(1.5)),
      button(t("photo.smaller"), "-", () => this.scale(1 / 1.5)),
      button(t("photo.turn"), "r", () => this.turnOnce()), this.stamp, this.original, close);
    this.dialog = el("dialog", { class: "lightbox", "aria-label": t("photo.title") }, this.stage, bar);
    document.body.append(this.dialog);
    this.listen();
  }

  listen() {
    this.stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.scale(event.deltaY < 0 ? 1.2 : 1 / 1.2);
    }, { passive: false });
    this.stage.addEventListener("dblclick", () => (this.zoom > 1 ? this.reset() : this.scale(2.5)));
    this.stage.addEventListener("pointerdown", (event) => this.stage.setPointerCapture(event.pointerId));
    this.stage.addEventListener("pointermove", (event) => {
      if (!event.buttons) return;
      this.x += event.movementX;
      this.y += event.movementY;
      this.draw();
    });
  }

  show(links, index) {
    this.links = links;
    this.index = index;
    const link = links[index];
    const plain = localStorage.getItem(PLAIN) === "1";
    this.image.src = addressOf(link.href, plain);
    this.stamp.setAttribute("aria-pressed", String(!plain));
    this.stamp.hidden = addressOf(link.href, false) === link.href;
    const caption = link.dataset.caption ?? link.querySelector("img")?.alt ?? "";
    this.image.alt = caption;
    this.words.textContent = `${index + 1} / ${links.length}  ${caption}`;
    this.original.hidden = !link.dataset.original;
    this.original.href = link.dataset.original ?? "";
    this.back.disabled = index === 0;
    this.next.disabled = index === links.length - 1;
    this.reset();
    if (!this.dialog.open) this.dialog.showModal();
  }

  go(step) {
    const index = this.index + step;
    if (this.links[index]) this.show(this.links, index);
  }

  scale(factor) {
    this.zoom = Math.min(MAX_ZOOM, Math.max(1, this.zoom * factor));
    if (this.zoom === 1) this.x = this.y = 0;
    this.draw();
  }

  turnStamp() {
    localStorage.setItem(PLAIN, localStorage.getItem(PLAIN) === "1" ? "0" : "1");
    this.show(this.links, this.index);
  }

  turnOnce() {
    this.turn += 90;
    this.draw();
  }

  reset() {
    Object.assign(this, { zoom: 1, turn: 0, x: 0, y: 0 });
    this.draw();
  }

  draw() {
    const values = { "--x": `${this.x}px`, "--y": `${this.y}px`, "--zoom": this.zoom, "--turn": `${this.turn}deg` };
    for (const [name, value] of Object.entries(values)) this.image.style.setProperty(name, value);
  }
}

/** Opens the big view from one link; links with the same data-lightbox belong together. */
export function start(link) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const links = [...document.querySelectorAll("a[data-lightbox]")].filter(
      (each) => each.dataset.lightbox === link.dataset.lightbox,
    );
    view ??= new View();
    view.show(links, links.indexOf(link));
  });
}
