// kindOf is the letter of a code of ours: C for a certificate, P for its proof; null for any other text (verify/paper).
export const kindOf = (text) => /(?:^|\/)([CP])#[0-9]+$/i.exec(text.replace(/\s+/g, ""))?.[1].toUpperCase() ?? null;
