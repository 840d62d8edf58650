// Codes from files and from the camera.
import { kindOf } from "./kind.mjs";

// encoded draws something, no larger than most pixels, and gives it as a JPEG.
export async function encoded(source, width, height, most = 16e6) {
  const scale = Math.min(1, Math.sqrt(most / (width * height)));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // what is transparent is paper
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const file = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
  return new Uint8Array(await file.arrayBuffer());
}

// open decodes a file of a form that only the browser knows.
async function open(file) {
  if ("createImageBitmap" in self) return createImageBitmap(file);
  const picture = new Image();
  picture.src = URL.createObjectURL(file);
  try {
    await picture.decode();
  } finally {
    URL.revokeObjectURL(picture.src);
  }
  return picture;
}

// detector is the browser's own reader of codes where it has one.
const detector = (async () => {
  if (!("BarcodeDetector" in self)) return null;
  try {
    return (await BarcodeDetector.getSupportedFormats()).includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
  } catch {
    return null;
  }
})();

// detected are the texts that the browser's own reader finds; none where it has no reader.
export async function detected(source) {
  try {
    return ((await (await detector)?.detect(source)) ?? []).map((code) => code.rawValue);
  } catch {
    return [];
  }
}

const startOf = (bytes) => String.fromCharCode(...bytes.slice(0, 12));
const plain = (head) => head.startsWith("\x89PNG") || head.startsWith("\xff\xd8\xff"); // what the lens itself opens

// isPicture tells by a file's first bytes what this page looks for codes in.
export function isPicture(bytes) {
  const head = startOf(bytes);
  return plain(head) || head.startsWith("GIF8") || head.startsWith("BM") || (head.startsWith("RIFF") && head.endsWith("WEBP")) || /^....ftyp(heic|heif|mif1|avif)/.test(head);
}

// patience is how long a picture is looked at, in milliseconds.
const patience = 30000;

// codesIn finds the codes of a paper in a picture: {C, P}, each where it was read; null where it cannot be opened, "two"
// for those of two papers.
export async function codesIn(file, bytes, lens) {
  if (!plain(startOf(bytes))) {
    const picture = await open(file);
    bytes = await encoded(picture, picture.width, picture.height);
  }
  const texts = await lens.look(bytes, patience);
  return Array.isArray(texts) ? Object.fromEntries(texts.map((text) => [kindOf(text), text])) : texts;
}
