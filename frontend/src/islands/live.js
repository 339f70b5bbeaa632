// A part of a page that is kept up to date: the server sends it anew when it has changed. A stream that ends is not
// opened again, so that no page keeps a session alive; the page is then as old as it says nothing of.

for (const part of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(part.dataset.live);
  const put = (event) => { part.innerHTML = event.data; };
  source.addEventListener("now", put);
  source.addEventListener("changed", (event) => {
    put(event);
    for (const more of document.querySelectorAll("[data-live-more]")) more.hidden = false;
  });
  for (const name of ["over", "error"]) source.addEventListener(name, () => source.close());
  addEventListener("pagehide", () => source.close());
}
