// Passkeys: asks the browser for what a form names in `data-options`, puts the answer into its field `credential` and
// sends it. Nothing else is sent anywhere. Where the browser has no passkeys, the page stays as it is without script.
"use strict";
(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential || !navigator.credentials) return;
  const making = form.dataset.passkey === "make";
  const field = form.elements.namedItem("credential");
  const button = form.querySelector("button");
  const failure = document.getElementById("passkey-failed");
  const openedAt = performance.now();
  const STALE = 270000; // The challenge is good for five minutes.
  let waiting = new AbortController();
  let pressed = false;

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((each) => ({ ...each, id: toBytes(each.id) }));

  const options = () => {
    const asked = JSON.parse(form.dataset.options);
    asked.challenge = toBytes(asked.challenge);
    if (making) {
      asked.user.id = toBytes(asked.user.id);
      asked.excludeCredentials = named(asked.excludeCredentials);
    } else {
      asked.allowCredentials = named(asked.allowCredentials);
    }
    return asked;
  };

  const answer = (credential) => {
    const { response } = credential;
    const said = { clientDataJSON: toText(response.clientDataJSON) };
    if (making) {
      said.attestationObject = toText(response.attestationObject);
      said.transports = response.getTransports ? response.getTransports() : [];
    } else {
      said.authenticatorData = toText(response.authenticatorData);
      said.signature = toText(response.signature);
      if (response.userHandle) said.userHandle = toText(response.userHandle);
    }
    return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: said });
  };

  const send = (credential) => {
    field.value = answer(credential);
    HTMLFormElement.prototype.submit.call(form); // `form.submit` is the button of that name.
  };

  const ask = async (mediation) => {
    waiting.abort();
    waiting = new AbortController();
    const request = { publicKey: options(), signal: waiting.signal };
    if (mediation) request.mediation = mediation;
    return making ? navigator.credentials.create(request) : navigator.credentials.get(request);
  };

  const begin = async () => {
    pressed = true;
    failure.hidden = true;
    button.disabled = true;
    const credential = await ask().catch(() => null);
    if (credential) return send(credential);
    button.disabled = false;
    failure.hidden = false;
  };

  // The names that a person has are offered where the user name is typed.
  const offer = async () => {
    const able = PublicKeyCredential.isConditionalMediationAvailable;
    // Whoever pressed the button while the browser thought about this is not interrupted.
    if (!able || !(await able.call(PublicKeyCredential).catch(() => false)) || pressed) return;
    const credential = await ask("conditional").catch(() => null);
    if (credential) send(credential); // Else nobody chose one, or the button was pressed.
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
  form.hidden = false;
  for (const each of document.querySelectorAll("[data-without-passkeys]")) each.hidden = true;
  if ("offered" in form.dataset) {
    offer();
    // Whoever comes back to a page that lay open too long, and typed nothing, gets a fresh one.
    window.addEventListener("focus", () => {
      const typed = [...document.querySelectorAll("input:not([type=hidden])")].some((input) => input.value);
      if (performance.now() - openedAt > STALE && !typed) location.replace(location.href);
    });
  } else if ("begins" in form.dataset) {
    begin();
  }
})();
