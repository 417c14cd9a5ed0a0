// The viewfinder: the camera over the whole page, several shots in a row, and where a place is
// taken again the old picture laid over it, half transparent, so that both show the same.

import { el, t } from "../text.js";

const WANTED = { audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 2048 }, height: { ideal: 1536 } } };
const QUALITY = 0.92;
const GHOST = 0.4;

/** Whether this phone may have a viewfinder; where none was found the camera app is asked. */
export const hasFinder = () => Boolean(navigator.mediaDevices?.getUserMedia) && sessionStorage.getItem("no-finder") !== "1";

/** Let the viewfinder open in place of the camera app, wherever a label of `root` asks for a
 * picture from the camera; `open` hears its input. */
export function overCamera(root, open) {
  root.addEventListener("click", (event) => {
    const input = event.target.closest("label")?.querySelector("input[capture]");
    if (!input || !hasFinder()) return;
    event.preventDefault();
    open(input);
  });
}

/** Open the camera. Each picture goes to `take(file, fresh)`, which says in words how it stands;
 * `says()` is asked for a word above the picture; `kinds` are the pictures that are wanted in their
 * order, `from` of them there already, the first `needed` not to be left out; `under` stands under the title. `ghost` is the address of an old picture,
 * `ghostWords` what it is. Resolves to how many were taken once it is closed. */
export function openFinder(asked) {
  return new Promise((resolve) => new Finder(asked, resolve).open());
}

class Finder {
  constructor(asked, resolve) {
    Object.assign(this, { says: () => "", kinds: [], from: 0, needed: 1, most: 9, title: "", under: "", ghost: null, ghostWords: "" }, asked);
    this.resolve = resolve;
    this.count = 0;
    this.stream = null;
  }

  async open() {
    this.build();
    document.body.append(this.box);
    document.documentElement.classList.add("is-shooting");
    this.back = document.activeElement;
    this.shutter.focus();
    this.onTurn = () => this.old && this.placeWords();
    addEventListener("resize", this.onTurn);
    this.onKey = (event) => event.key === "Escape" && this.close();
    addEventListener("keydown", this.onKey);
    this.say();
    this.drawKinds();
    this.talk = setInterval(() => this.say(), 1000);
    try {
      this.stream = await navigator.mediaDevices.getUserMedia(WANTED);
      this.video.srcObject = this.stream;
      await this.video.play();
      this.shutter.disabled = false;
      this.box.dataset.live = "1";
      this.offerLight();
    } catch (error) {
      this.without(error);
    }
    // Closed while the camera was being opened.
    if (!this.box.isConnected) this.stop();
  }

  build() {
    this.video = el("video", { playsinline: true, muted: true, autoplay: true });
    this.video.muted = true;
    this.word = el("p", { class: "finder-word", role: "status" });
    this.shutter = el("button", { type: "button", class: "shutter", "aria-label": t("m.shutter"), disabled: true });
    this.done = el("button", { type: "button", class: "btn", "data-done": true }, t("m.finder_close"));
    this.light = el("button", { type: "button", class: "btn", hidden: true, "aria-pressed": "false" }, t("m.light"));
    this.other = el("label", { class: "btn", hidden: true }, el("input", { class: "hush", type: "file", accept: "image/*", capture: "environment" }), t("m.camera_app"));
    this.album = el("label", { class: "btn" }, el("input", { class: "hush", type: "file", accept: "image/*", multiple: true }), t("m.album"));
    this.queue = el("span", { class: "queue" });
    this.chips = el("ol", { class: "finder-kinds", hidden: !this.kinds.length });
    this.stage = el("div", { class: "finder-stage" }, this.video, ...this.ghostParts(), this.word);
    this.box = el(
      "div",
      { class: "finder", role: "dialog", "aria-modal": "true", "aria-label": this.title },
      el("div", { class: "finder-head" }, el("div", {}, el("b", {}, this.title), el("span", { class: "small" }, this.under)), this.queue),
      this.stage,
      ...this.sliderParts(),
      this.chips,
      el("div", { class: "finder-bar" }, el("div", { class: "finder-side" }, this.hold ?? this.album), this.shutter, el("div", { class: "finder-side" }, this.light, this.done)),
      this.other,
    );
    this.shutter.addEventListener("click", () => this.shoot());
    this.done.addEventListener("click", () => this.close());
    this.light.addEventListener("click", () => this.turnLight());
    for (const label of [this.other, this.album]) label.querySelector("input").addEventListener("change", (event) => this.given(event.target));
  }

  ghostParts() {
    if (!this.ghost) return [];
    this.old = el("img", { class: "ghost", src: this.ghost, alt: "" });
    this.old.style.opacity = String(GHOST);
    this.hold = el("button", { type: "button", class: "btn" }, t("m.hold_old"));
    const show = (opacity) => () => {
      this.old.style.opacity = String(opacity());
    };
    this.hold.addEventListener("pointerdown", show(() => 1));
    for (const name of ["pointerup", "pointerleave", "pointercancel"]) this.hold.addEventListener(name, show(() => this.slider.value / 100));
    this.oldWords = el("span", { class: "finder-old" }, this.ghostWords);
    this.old.addEventListener("load", () => this.placeWords());
    return [this.old, this.oldWords];
  }

  // What the old picture is stands on the picture, not on the black around it.
  placeWords() {
    const { clientWidth: width, clientHeight: height, naturalWidth, naturalHeight } = this.old;
    const scale = Math.min(width / naturalWidth, height / naturalHeight);
    this.oldWords.style.left = `${(width - scale * naturalWidth) / 2}px`;
    this.oldWords.style.bottom = `${(height - scale * naturalHeight) / 2}px`;
  }

  sliderParts() {
    if (!this.ghost) return [];
    this.slider = el("input", { type: "range", min: 0, max: 100, value: GHOST * 100, "aria-label": t("m.ghost") });
    this.slider.addEventListener("input", () => {
      this.old.style.opacity = String(this.slider.value / 100);
    });
    return [el("div", { class: "finder-ghost" }, t("m.ghost_weak"), this.slider, t("m.ghost_strong"))];
  }

  // Which picture is wanted now, which are there, which may be left out.
  drawKinds() {
    const now = this.from + this.count;
    this.chips.replaceChildren(
      ...this.kinds.map((kind, at) => {
        const words = at < now ? `${kind} ✓` : t(at === now ? "m.shot_now" : at < this.needed ? "m.shot_needed" : "m.shot_free", { kind });
        return el("li", { class: at < now ? "is-done" : "", "aria-current": at === now ? "step" : null }, words);
      }),
    );
  }

  say(words = this.says()) {
    this.word.textContent = words;
    this.word.hidden = !words;
    this.sayQueue();
  }

  // How much waits stays in sight over the camera, too.
  sayQueue() {
    const chip = document.getElementById("queue").cloneNode(true);
    this.queue.className = chip.className;
    this.queue.replaceChildren(...chip.childNodes);
  }

  // Refused, taken by another app, or none there: the camera app does it, with words why.
  without(error) {
    console.info(error);
    if (error.name === "NotFoundError") sessionStorage.setItem("no-finder", "1");
    clearInterval(this.talk);
    this.talk = setInterval(() => this.sayQueue(), 1000);
    this.box.classList.add("is-blind");
    this.say(t({ NotAllowedError: "m.camera_refused", NotFoundError: "m.camera_none" }[error.name] ?? "m.camera_busy"));
    this.other.hidden = false;
    this.shutter.hidden = true;
  }

  async shoot() {
    if (this.shutter.disabled || this.count >= this.most) return;
    this.shutter.disabled = true;
    const canvas = document.createElement("canvas");
    canvas.width = this.video.videoWidth;
    canvas.height = this.video.videoHeight;
    canvas.getContext("2d").drawImage(this.video, 0, 0);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    // A frame has no metadata of its own: its moment is the page's.
    if (blob) await this.give(new File([blob], "frame.jpg", { type: "image/jpeg", lastModified: Date.now() }));
    this.shutter.disabled = this.count >= this.most;
  }

  async given(input) {
    const files = [...input.files];
    input.value = "";
    for (const file of files) if (this.count < this.most) await this.give(file, input.hasAttribute("capture"));
  }

  async give(file, fresh = true) {
    if (await this.take(file, fresh)) this.count += 1;
    this.done.textContent = this.count ? t("m.finder_done", { n: this.count }) : t("m.finder_close");
    this.done.classList.toggle("primary", this.count > 0);
    this.say();
    this.drawKinds();
    if (this.count >= this.most) this.close();
  }

  offerLight() {
    const [track] = this.stream.getVideoTracks();
    this.light.hidden = !track.getCapabilities?.().torch;
  }

  async turnLight() {
    const on = this.light.getAttribute("aria-pressed") !== "true";
    await this.stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
    this.light.setAttribute("aria-pressed", String(on));
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }

  close() {
    clearInterval(this.talk);
    removeEventListener("keydown", this.onKey);
    removeEventListener("resize", this.onTurn);
    this.stop();
    this.box.remove();
    document.documentElement.classList.remove("is-shooting");
    this.back?.focus?.();
    this.resolve(this.count);
  }
}
