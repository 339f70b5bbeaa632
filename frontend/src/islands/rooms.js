// On a narrow screen the navigation is one line that scrolls: it begins where this page is, and shows all of what has the
// focus, which a browser does not where a part of it is to be seen already.

const rooms = document.querySelector("nav.rooms ul");
const show = (link, inline) => link?.scrollIntoView({ inline, block: "nearest", behavior: "instant" });

if (rooms && rooms.scrollWidth > rooms.clientWidth) show(rooms.querySelector("[aria-current]"), "center");
rooms?.addEventListener("focusin", (event) => show(event.target, "nearest"));
