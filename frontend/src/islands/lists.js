// A list shown otherwise (further on, in another order, filtered) is changed in place by htmx: links and forms with
// hx-boost. Their addresses are pages, so anything but such a page (signed out, bad input, no line) is loaded as one.

document.addEventListener("htmx:before:response", (event) => {
  const { request, response } = event.detail.ctx;
  if (response.raw.ok && !response.raw.redirected) return;
  event.preventDefault();
  location.assign(request.action);
});
document.addEventListener("htmx:error", ({ detail }) => {
  if (detail.ctx) location.assign(detail.ctx.request.action);
});
document.addEventListener("htmx:after:swap", ({ detail }) => {
  document.getElementById("told").textContent = detail.ctx.title; // what a screen reader says of a page that it loads
  if (document.activeElement === document.body) document.getElementById("main").focus();
});
