// Outings in the field: a form that is sent says where the person stands, where the device will
// tell; and one press passes all items of a check list that nothing was said about.

const PATIENCE = 4000;

function place() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) resolve(null);
    else navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords), () => resolve(null), { enableHighAccuracy: true, maximumAge: 20000, timeout: PATIENCE });
  });
}

// Before all others: the form is sent again, once, when the device has answered.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-position]") || form.dataset.placed || event.defaultPrevented) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.placing) return;
  form.dataset.placing = "1";
  const button = event.submitter;
  const where = await place();
  delete form.dataset.placing;
  if (where) {
    form.elements.lon.value = where.longitude;
    form.elements.lat.value = where.latitude;
  }
  form.dataset.placed = "1";
  form.requestSubmit(button);
}, true);

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-placed]")) delete form.dataset.placed;
});

const rest = document.querySelector("[data-rest-passes]");
if (rest) {
  rest.hidden = false;
  rest.addEventListener("click", () => {
    for (const item of document.querySelectorAll(".check-item:not(:has(input:checked))")) item.querySelector("[value=pass]").checked = true;
  });
}
