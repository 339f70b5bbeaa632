// What pages do beyond HTML. Every page works without it: forms post, links lead, lists are lists.

import "htmx.org/dist/htmx.esm.js";
import "./islands/copy.js";
import "./islands/keys.js";
import "./islands/lists.js";
import "./islands/live.js";
import "./islands/once.js";
import "./islands/passkey.js";
import "./islands/rooms.js";
