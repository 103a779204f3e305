// Passkeys (WebAuthn). A form with data-ph-passkey="create", "get" or "login" asks the browser for a credential when it is
// sent, puts it into its hidden field `credential`, and goes. Options come from the JSON named by data-ph-passkey-options;
// a login fetches them from the form's own address. What went wrong is said in [data-ph-passkey-status].
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const forCreate = (options) => ({
    publicKey: {
      ...options.publicKey,
      challenge: bytes(options.publicKey.challenge),
      user: { ...options.publicKey.user, id: bytes(options.publicKey.user.id) },
      excludeCredentials: known(options.publicKey.excludeCredentials),
      authenticatorSelection: {
        ...options.publicKey.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required",
      },
    },
  });

  const forGet = (options) => ({
    publicKey: {
      ...options.publicKey,
      challenge: bytes(options.publicKey.challenge),
      allowCredentials: known(options.publicKey.allowCredentials),
    },
  });

  const plain = (credential) => {
    const { response } = credential;
    const parts = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      parts.attestationObject = text(response.attestationObject);
      parts.transports = response.getTransports ? response.getTransports() : [];
    } else {
      parts.authenticatorData = text(response.authenticatorData);
      parts.signature = text(response.signature);
      parts.userHandle = response.userHandle ? text(response.userHandle) : null;
    }
    return {
      type: credential.type,
      id: credential.id,
      rawId: text(credential.rawId),
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: parts,
    };
  };

  const optionsOf = async (form) => {
    if (form.dataset.phPasskey !== "login") {
      const data = JSON.parse(document.getElementById(form.dataset.phPasskeyOptions).textContent);
      return data.creation_options || data.request_options;
    }
    const reply = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!reply.ok) throw new Error("no options");
    return (await reply.json()).request_options;
  };

  const ask = async (form) => {
    const options = await optionsOf(form);
    return form.dataset.phPasskey === "create"
      ? navigator.credentials.create(forCreate(options))
      : navigator.credentials.get(forGet(options));
  };

  document.querySelectorAll("form[data-ph-passkey]").forEach((form) => {
    const status = form.querySelector("[data-ph-passkey-status]");
    const say = (words) => { status.textContent = words; };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      say("");
      if (!window.PublicKeyCredential || !navigator.credentials) {
        say(form.dataset.phPasskeyMissing);
        return;
      }
      try {
        form.elements.credential.value = JSON.stringify(plain(await ask(form)));
      } catch {
        say(form.dataset.phPasskeyFailed);
        return;
      }
      form.submit();
    });
  });
})();
