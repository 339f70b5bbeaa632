// A copyable id: the button beside it exists only where there is a clipboard, and says when it has copied.

const offer = (root) => {
  for (const button of root.querySelectorAll("button[data-copy][hidden]")) button.hidden = !navigator.clipboard;
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const told = button.parentElement.querySelector("[role=status]");
  told.textContent = button.dataset.copied;
  setTimeout(() => { told.textContent = ""; }, 4000);
});
document.addEventListener("htmx:after:swap", () => offer(document));
offer(document);
