// Passkeys: a form with data-passkey asks the browser's authenticator and sends its answer with itself.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => list.map((one) => ({ ...one, id: bytes(one.id) }));

function creation(told) {
  return {
    ...told,
    challenge: bytes(told.challenge),
    user: { ...told.user, id: bytes(told.user.id) },
    excludeCredentials: named(told.excludeCredentials),
  };
}

function request(told) {
  return { ...told, challenge: bytes(told.challenge), allowCredentials: named(told.allowCredentials) };
}

function answer(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  const id = text(credential.rawId);
  return { id, rawId: id, type: credential.type, clientExtensionResults: {}, response };
}

async function ask(form) {
  const said = form.querySelector("[data-said]");
  const told = JSON.parse(form.dataset.options);
  said.textContent = said.dataset.waiting;
  try {
    const made = form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: creation(told) })
      : await navigator.credentials.get({ publicKey: request(told) });
    form.elements.answer.value = JSON.stringify(answer(made));
    form.requestSubmit();
  } catch {
    said.textContent = said.dataset.failed;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.querySelector("[data-again]").addEventListener("click", () => ask(form));
  ask(form);
}
