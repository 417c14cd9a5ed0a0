// Signing out at a desk's page of a phone that holds one's queue goes by the phone's own page: it
// asks first where something waits, and leaves nothing there.

export function start(form) {
  form.addEventListener("submit", (event) => {
    if (localStorage.getItem("phone-user") !== form.dataset.leave) return;
    event.preventDefault();
    location.assign(form.dataset.phone);
  });
}
