const inflated = (function () {
  const module = {};
  /* tiny-inflate */
  return module.exports;
})();

const GZIP_HEAD = 10;
const GZIP_TAIL = 8;

function bytesOf(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at += 1) bytes[at] = letters.charCodeAt(at);
  return bytes;
}

async function decompressed(packed) {
  if (window.DecompressionStream) {
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
  const size = new DataView(packed.buffer).getUint32(packed.length - 4, true);
  return inflated(packed.subarray(GZIP_HEAD, packed.length - GZIP_TAIL), new Uint8Array(size));
}

function wholeNumbers(bytes, many, signed) {
  const found = new Int32Array(many);
  let at = 0;
  for (let index = 0; index < many; index += 1) {
    let value = 0;
    let weight = 1;
    let byte;
    do {
      byte = bytes[at];
      at += 1;
      value += (byte & 0x7f) * weight;
      weight *= 128;
    } while (byte > 127);
    found[index] = !signed ? value : value % 2 ? -(value + 1) / 2 : value / 2;
  }
  return found;
}

function planes(bytes, width) {
  const many = bytes.length / width;
  const turned = new Uint8Array(bytes.length);
  for (let plane = 0; plane < width; plane += 1) {
    for (let at = 0; at < many; at += 1) turned[at * width + plane] = bytes[plane * many + at];
  }
  return width === 4 ? new Float32Array(turned.buffer) : new Float64Array(turned.buffer);
}

const COLUMNS = {
  words: (bytes, { many }) => (many ? new TextDecoder().decode(bytes).split("\n") : []),
  codes: (bytes, { words }) => ({ codes: bytes, words }),
  numbers: (bytes, { many }) => wholeNumbers(bytes, many, false),
  steps: (bytes, { many }) => wholeNumbers(bytes, many, true),
  f4: (bytes) => planes(bytes, 4),
  f8: (bytes) => planes(bytes, 8),
  millionths: (bytes, { many }) => {
    let whole = 0;
    return Float64Array.from(wholeNumbers(bytes, many, true), (step) => (whole += step) / 1e6);
  },
  multiple: (_, { of, by, steps, but }) => {
    const told = Float64Array.from(of, (one) => one * by);
    let place = 0;
    steps.forEach((step, at) => { told[place += step] = but[at]; });
    return told;
  },
  records: (_, { of }) => {
    const [first] = Object.values(of);
    const cell = (column, index) => (column.codes ? column.words[column.codes[index]] : Number.isNaN(column[index]) ? null : column[index]);
    const told = (index) => Object.fromEntries(Object.entries(of).map(([key, column]) => [key, cell(column, index)]));
    return Array.from({ length: (first.codes || first).length }, (one, index) => told(index));
  },
};

async function unpacked() {
  const content = await decompressed(bytesOf(document.getElementById("secequity-data").textContent));
  const size = new DataView(content.buffer).getUint32(0, true);
  const columns = content.subarray(4 + size);
  return JSON.parse(new TextDecoder().decode(content.subarray(4, 4 + size)), (key, held) => {
    if (held === null || typeof held !== "object" || Array.isArray(held) || ArrayBuffer.isView(held)) return held;
    if (typeof held.$ !== "string") return Object.setPrototypeOf(held, null);
    return COLUMNS[held.$](columns.slice(held.at, held.at + held.bytes), held);
  });
}
