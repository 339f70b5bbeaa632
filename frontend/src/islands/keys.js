// Shortcuts: `/` goes to quick find, `?` shows what there is, `g` and a letter opens a page of the navigation, `j` and
// `k` go to the next and the previous of what is looked through.
// Never while somebody writes, nor with Ctrl, Alt or Meta: those belong to the browser and to screen readers. They can
// be switched off in the dialog (WCAG 2.2, 2.1.4), for this browser.

const SILENT = "comity.keys.off";
const dialog = document.getElementById("shortcuts");
const find = document.getElementById("find");
const choice = dialog?.querySelector("[data-keys]");
let going = false;

const writes = (at) => at.isContentEditable || /^(input|textarea|select)$/i.test(at.tagName);

function lead(key) {
  going = false;
  document.querySelector(`nav a[data-key="${CSS.escape(key)}"]`)?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || writes(event.target)) return;
  if (localStorage.getItem(SILENT) && event.key !== "?") return;
  if (going) return lead(event.key);
  if (event.key === "/" && find) {
    event.preventDefault();
    find.focus();
  } else if (event.key === "?" && dialog) {
    event.preventDefault();
    dialog.showModal();
  } else if (event.key === "j" || event.key === "k") {
    document.querySelector(`main a[rel=${event.key === "j" ? "next" : "prev"}]`)?.click();
  } else if (event.key === "g") {
    going = true;
    setTimeout(() => { going = false; }, 1500);
  }
});

const offer = () => {
  for (const button of document.querySelectorAll("button[data-opens=shortcuts]")) button.hidden = false;
};
document.addEventListener("click", (event) => {
  if (event.target.closest?.("button[data-opens=shortcuts]")) dialog.showModal();
});
document.addEventListener("htmx:after:swap", offer);
offer();
if (choice) {
  choice.checked = !localStorage.getItem(SILENT);
  choice.addEventListener("change", () =>
    choice.checked ? localStorage.removeItem(SILENT) : localStorage.setItem(SILENT, "1"));
}
