// Passkeys: a button in a form asks the browser's authenticator and sends its answer with the form. The office makes the
// question and judges the answer; nothing is decided here. Without script or passkeys the sentence beside the button stands.
const decode = (s) => Uint8Array.from(atob(s.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const encode = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// Older browsers have neither parse...FromJSON nor toJSON (WebAuthn 3, §5.1.8 to 5.1.10).
function question(create, options) {
  const parse = create ? PublicKeyCredential.parseCreationOptionsFromJSON : PublicKeyCredential.parseRequestOptionsFromJSON;
  if (parse) return parse.call(PublicKeyCredential, options);
  const out = { ...options, challenge: decode(options.challenge) };
  if (out.user) out.user = { ...out.user, id: decode(out.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    if (out[list]) out[list] = out[list].map((c) => ({ ...c, id: decode(c.id) }));
  }
  return out;
}

function answer(credential) {
  if (credential.toJSON) return credential.toJSON();
  const r = credential.response, response = { clientDataJSON: encode(r.clientDataJSON) };
  if (r.attestationObject) response.attestationObject = encode(r.attestationObject);
  if (r.authenticatorData) response.authenticatorData = encode(r.authenticatorData);
  if (r.signature) response.signature = encode(r.signature);
  if (r.userHandle) response.userHandle = encode(r.userHandle);
  if (r.getTransports) response.transports = r.getTransports();
  return { id: credential.id, rawId: encode(credential.rawId), type: credential.type, response,
    clientExtensionResults: credential.getClientExtensionResults(), authenticatorAttachment: credential.authenticatorAttachment ?? undefined };
}

async function ask(box, button, failed) {
  failed.hidden = true;
  button.disabled = true;
  try {
    const form = box.closest("form");
    const got = await fetch(box.dataset.start, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const asked = await got.json();
    if (!got.ok) throw new Error(asked.error);
    const create = box.dataset.act === "create", publicKey = question(create, asked.options.publicKey);
    const credential = await (create ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
    box.querySelector("[name=ceremony]").value = asked.id;
    box.querySelector("[name=answer]").value = JSON.stringify(answer(credential));
    form.submit();
  } catch (err) {
    failed.textContent = err instanceof DOMException || err instanceof TypeError || !err.message ? box.dataset.failed : err.message;
    failed.hidden = false;
    button.disabled = false;
  }
}

for (const box of document.querySelectorAll(".passkey")) {
  if (!window.PublicKeyCredential || !navigator.credentials) continue;
  const button = box.querySelector("button"), failed = box.querySelector("[role=alert]");
  box.querySelector("p").hidden = true;
  button.hidden = false;
  button.addEventListener("click", () => ask(box, button, failed));
}
