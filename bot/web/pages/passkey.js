"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const button = document.getElementById("use-passkey");
  const form = document.getElementById("answer");
  const copy = document.getElementById("copy");

  function say(words, bad) {
    const said = document.getElementById("said");
    said.textContent = words;
    said.className = bad ? "bad" : "";
  }

  function bytesOf(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  }

  function textOf(buffer) {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  const named = (list) => (list || []).map((one) => ({ ...one, id: bytesOf(one.id) }));

  function answerOf(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature"]) {
      if (credential.response[name]) response[name] = textOf(credential.response[name]);
    }
    return JSON.stringify({ id: credential.id, rawId: credential.id, type: credential.type, response });
  }

  async function ask() {
    const options = data.options;
    const challenge = bytesOf(options.challenge);
    if (data.ceremony === "create") {
      const user = { ...options.user, id: bytesOf(options.user.id) };
      const publicKey = { ...options, challenge, user, excludeCredentials: named(options.excludeCredentials) };
      return navigator.credentials.create({ publicKey });
    }
    const shown = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(data.statement));
    if (textOf(shown) !== options.challenge) throw new Error("what is shown here is not what would be signed");
    return navigator.credentials.get({ publicKey: { ...options, challenge, allowCredentials: named(options.allowCredentials) } });
  }

  const reasons = {
    NotAllowedError: "It was cancelled, it took too long, or this passkey could not check who you are. Nothing was sent: try again.",
    InvalidStateError: "This device has a passkey of yours here already. Use that one, or another device.",
    SecurityError: "This page is not at the address that passkeys are bound to. Open the link as it was given to you.",
    NotSupportedError: "This device offers no passkey of a kind that counts here. Use another device or a security key.",
  };

  async function press() {
    button.disabled = true;
    say("Waiting for your passkey …");
    try {
      form.elements.answer.value = answerOf(await ask());
      say("Sending …");
      form.submit();
    } catch (error) {
      say(reasons[error.name] || `Nothing was sent: ${error.message}.`, true);
      button.disabled = false;
      button.focus();
    }
  }

  if (copy) {
    copy.addEventListener("click", () =>
      navigator.clipboard.writeText(data.statement).then(
        () => { copy.textContent = "Copied"; },
        () => { copy.textContent = "The browser did not let them be copied: open them below"; },
      ),
    );
  }
  if (!button) return;
  if (!window.PublicKeyCredential || !navigator.credentials) {
    say("This browser knows no passkeys here. Open the link in a current browser, at an https address.", true);
    return;
  }
  button.disabled = false;
  button.addEventListener("click", press);
  form.addEventListener("submit", (event) => {
    event.preventDefault(); // Enter in the field of the name
    if (!button.disabled) press();
  });
})();
