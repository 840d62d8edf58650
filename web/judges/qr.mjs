// Reads the QR codes of a printed page with jsQR, a reader made for browsers: node judges/qr.mjs FILE.ppm|FILE.pgm
// jsQR finds one code in a picture, so it is shown the left and the right half of what lies below the middle.
import { readFileSync } from 'node:fs';
import jsQR from 'jsqr';

const raw = readFileSync(process.argv[2]);
const head = /^(P[56])\s+(\d+)\s+(\d+)\s+255\s/.exec(raw.toString('latin1', 0, 64));
const [magic, width, height, start] = [head[1], Number(head[2]), Number(head[3]), head[0].length];
const channels = magic === 'P6' ? 3 : 1;

function part(x0, x1, y0, y1) {
  const w = x1 - x0, h = y1 - y0;
  const rgba = new Uint8ClampedArray(w * h * 4);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const from = start + ((y0 + y) * width + x0 + x) * channels, to = (y * w + x) * 4;
      for (let c = 0; c < 3; c++) rgba[to + c] = raw[from + (channels === 3 ? c : 0)];
      rgba[to + 3] = 255;
    }
  }
  return jsQR(rgba, w, h)?.data ?? '';
}

const middle = Math.floor(width / 2), top = Math.floor(height * 0.6);
console.log(part(0, middle, top, height));
console.log(part(middle, width, top, height));
