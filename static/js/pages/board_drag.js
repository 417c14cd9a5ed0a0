// Dragging a card to a person: at once by mouse or pen, after a held finger by touch.

import { el, t } from "../text.js";
import { columnOf, placeIn } from "./board_parts.js";

const SLACK = 6;
const HOLD = 280;
const EDGE = 48;

class Drag {
  constructor(card, event) {
    Object.assign(this, { card, pointer: event.pointerId, x: event.clientX, y: event.clientY });
    const box = card.getBoundingClientRect();
    Object.assign(this, { dx: event.clientX - box.left, dy: event.clientY - box.top, wide: box.width });
    this.active = false;
  }

  begin() {
    this.active = true;
    this.ghost = this.card.cloneNode(true);
    this.ghost.classList.add("is-ghost");
    this.ghost.removeAttribute("data-order");
    this.ghost.style.setProperty("--wide", `${this.wide}px`);
    document.body.append(this.ghost);
    document.documentElement.classList.add("is-dragging");
    this.card.classList.add("is-dragged");
    this.mark = el("li", { class: "drop-here" });
    this.move(this.x, this.y);
    // A finger that rests at the edge goes on scrolling.
    const go = () => {
      this.scroll();
      this.look();
      this.frame = requestAnimationFrame(go);
    };
    this.frame = requestAnimationFrame(go);
  }

  move(x, y) {
    Object.assign(this, { x, y });
    this.ghost.style.setProperty("--x", `${x - this.dx}px`);
    this.ghost.style.setProperty("--y", `${y - this.dy}px`);
    this.look();
  }

  look() {
    const column = document.elementFromPoint(this.x, this.y)?.closest(".lane-column") ?? null;
    if (column !== this.column) this.aim(column);
  }

  scroll() {
    const { x, y } = this;
    const board = columnOf(this.card).parentElement;
    const box = board.getBoundingClientRect();
    if (x > box.right - EDGE) board.scrollLeft += 12;
    else if (x < box.left + EDGE) board.scrollLeft -= 12;
    if (y > innerHeight - EDGE) scrollBy(0, 12);
    else if (y < EDGE) scrollBy(0, -12);
  }

  aim(column) {
    this.column?.classList.remove("is-target");
    this.mark.remove();
    this.column = column;
    if (!column || column === columnOf(this.card)) return;
    column.classList.add("is-target");
    const list = column.querySelector("ul");
    const before = placeIn(column, this.card) ?? list.querySelector(".nothing");
    list.insertBefore(this.mark, before);
    const n = [...list.children].indexOf(this.mark) + 1;
    this.mark.textContent = t("board.here", { what: this.card.querySelector(".head b").textContent, n });
  }

  end() {
    const { column } = this;
    cancelAnimationFrame(this.frame);
    this.aim(null);
    this.ghost?.remove();
    this.card.classList.remove("is-dragged");
    document.documentElement.classList.remove("is-dragging");
    return column && column !== columnOf(this.card) ? column.dataset.person : null;
  }
}

function swallowClick() {
  const swallow = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }), 50);
}

/** Lets the cards of a board be dragged; `drop(card, person)` is told where one was let go. */
export function startDragging(page, drop) {
  let drag = null;
  let timer = 0;

  function stop(done) {
    clearTimeout(timer);
    const one = drag;
    drag = null;
    if (!one?.active) return;
    const person = one.end();
    swallowClick();
    if (done && person !== null) drop(one.card, person);
  }

  page.addEventListener("pointerdown", (event) => {
    const card = event.target.closest(".order-card[data-assign]");
    if (!card || event.button || event.target.closest("button, select, form")) return;
    drag = new Drag(card, event);
    if (event.pointerType === "touch") timer = setTimeout(() => drag?.begin(), HOLD);
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    if (drag.active) return drag.move(event.clientX, event.clientY);
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < SLACK) return;
    if (event.pointerType === "touch") stop(false);
    else drag.begin();
  });
  document.addEventListener("pointerup", () => stop(true));
  document.addEventListener("pointercancel", () => stop(false));
  document.addEventListener("keydown", (event) => event.key === "Escape" && stop(false));
  document.addEventListener("touchmove", (event) => drag?.active && event.preventDefault(), { passive: false });
  page.addEventListener("dragstart", (event) => event.preventDefault());
  page.addEventListener("contextmenu", (event) => drag && event.preventDefault());
}
