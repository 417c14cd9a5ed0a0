// Before and after under one slider. Without script the two stand side by side.

import { el, t } from "./text.js";

const STEP = 2;

function setCut(figure, range) {
  figure.style.setProperty("--cut", `${range.value}%`);
  range.setAttribute("aria-valuetext", t("compare.value", { n: range.value }));
}

// The whole picture is the handle: a range input already knows pointer, touch and arrow keys.
function addSlider(figure) {
  const range = el("input", {
    type: "range", class: "compare-range", min: 0, max: 100, step: STEP, value: 50,
    "aria-label": t("compare.label"),
  });
  figure.append(range, el("span", { class: "compare-knob", "aria-hidden": "true" }));
  range.addEventListener("input", () => setCut(figure, range));
  figure.classList.add("is-slider");
  setCut(figure, range);
  return range;
}

function choose(figure, link) {
  const side = figure.querySelector(`[data-side="${link.dataset.compareTo}"]`);
  const image = side.querySelector("img");
  image.src = link.href;
  image.alt = link.dataset.caption ?? "";
  const tag = side.querySelector(".tag");
  if (tag) tag.textContent = link.dataset.tag ?? link.dataset.caption ?? "";
  const peers = document.querySelectorAll(`[data-compare-for="${figure.id}"][data-compare-to="${link.dataset.compareTo}"]`);
  peers.forEach((peer) => peer.toggleAttribute("aria-current", peer === link));
}

/** Brings one [data-compare] figure to life; its strip and buttons point at it by data-compare-for. */
export function start(figure) {
  if (figure.querySelectorAll(".compare-side").length < 2) return;
  const range = addSlider(figure);
  document.addEventListener("click", (event) => {
    const control = event.target.closest(`[data-compare-for="${figure.id}"]`);
    if (!control) return;
    event.preventDefault();
    if (control.dataset.compareTo) choose(figure, control);
    else if (control.dataset.compareBy) {
      range.value = Number(range.value) + Number(control.dataset.compareBy);
      setCut(figure, range);
    } else if ("compareFlip" in control.dataset) {
      range.value = Number(range.value) > 0 ? 0 : 100;
      setCut(figure, range);
    } else {
      const slider = figure.classList.toggle("is-slider");
      figure.classList.toggle("is-apart", !slider);
      control.setAttribute("aria-pressed", String(!slider));
    }
  });
}
