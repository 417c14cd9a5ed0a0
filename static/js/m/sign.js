// A signature on the glass: strokes of a finger or a pen, as a picture of black on white.

const WIDTH = 2.5;
const QUALITY = 0.9;

/** Let a canvas be signed; `done(file)` hears the picture after each stroke. */
export function signable(canvas, done) {
  const paper = canvas.getContext("2d");
  let last = null;

  function clear() {
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
  }

  function at(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  }

  function draw(event) {
    const here = at(event);
    paper.strokeStyle = "#000";
    paper.lineWidth = (WIDTH * canvas.width) / canvas.getBoundingClientRect().width;
    paper.lineCap = "round";
    paper.beginPath();
    paper.moveTo(...last);
    paper.lineTo(...here);
    paper.stroke();
    last = here;
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    draw(event);
  });
  canvas.addEventListener("pointermove", (event) => last && draw(event));
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, () => {
      if (!last) return;
      last = null;
      canvas.toBlob((blob) => blob && done(new File([blob], "signature.jpg", { type: "image/jpeg", lastModified: Date.now() })), "image/jpeg", QUALITY);
    });
  }
  clear();
  return { clear, show: async (photo) => paper.drawImage(await createImageBitmap(new Blob([photo.bytes])), 0, 0) };
}
