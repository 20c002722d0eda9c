// From the data blocks of the page to a description with its arrays in place.

/** The bytes of a data block: base64 of what gzip packed. */
async function unpacked(base64) {
  const text = atob(base64);
  const raw = new Uint8Array(text.length);
  for (let i = 0; i < raw.length; i++) raw[i] = text.charCodeAt(i);
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

const ARRAYS = {
  F64: Float64Array, F32: Float32Array, F16: Uint16Array, I64: BigInt64Array, I32: Int32Array, I8: Int8Array, U8: Uint8Array,
};

/**
 * The arrays of a safetensors file by name, each `{data, shape}`. Whole numbers of 64 bits become doubles; rounded weights,
 * in float16 or as `NAME.int8` with `NAME.scales`, become floats.
 */
function tensors(buffer) {
  const size = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, size)));
  const found = new Map();
  for (const [name, { dtype, shape, data_offsets: [start, stop] }] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const data = new ARRAYS[dtype](buffer.slice(8 + size + start, 8 + size + stop));
    found.set(name, { data: WIDENED[dtype]?.(data) ?? data, shape });
  }
  for (const [name, { data, shape }] of [...found]) {
    if (!(data instanceof Int8Array)) continue;
    const plain = name.replace(/\.int8$/, "");
    found.set(plain, { data: unrounded(data, found.get(`${plain}.scales`).data), shape });
    found.delete(name);
  }
  return found;
}

const WIDENED = {
  I64: (data) => Float64Array.from(data, Number),
  F16: (data) => Float32Array.from(data, (half) => HALVES[half]),
};

/** Every half by its bits. */
const HALVES = Float32Array.from({ length: 1 << 16 }, (_, bits) => {
  const exponent = (bits >> 10) & 31, fraction = (bits & 1023) / 1024;
  return (bits >> 15 ? -1 : 1) * (exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction);
});

/** Numbers of 8 bits times their scales, each of which neighbours share. */
function unrounded(numbers, scales) {
  const share = Math.ceil(numbers.length / scales.length), found = new Float32Array(numbers.length);
  for (let i = 0; i < found.length; i++) found[i] = numbers[i] * scales[Math.floor(i / share)];
  return found;
}

/** A description in which each `{"array": name}` is that array, and each `{"strings": name}` a list of texts. */
function resolved(tree, arrays) {
  if (Array.isArray(tree)) return tree.map((one) => resolved(one, arrays));
  if (tree === null || typeof tree !== "object") return tree;
  if (typeof tree.array === "string") return arrays.get(tree.array);
  if (typeof tree.strings === "string") {
    return texts(arrays.get(`${tree.strings}.bytes`).data, arrays.get(`${tree.strings}.starts`).data);
  }
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, resolved(value, arrays)]));
}

/** Texts in UTF-8 end to end: text i is `bytes[starts[i] .. starts[i + 1]]`. */
function texts(bytes, starts) {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return Array.from({ length: starts.length - 1 }, (_, i) => {
    const part = bytes.subarray(starts[i], starts[i + 1]);
    try {
      return decoder.decode(part);
    } catch {
      return withSurrogates(part);
    }
  });
}

/** UTF-8 in which halves of surrogate pairs stand, as Python's "surrogatepass" writes them. */
function withSurrogates(bytes) {
  let found = "";
  for (let i = 0; i < bytes.length; ) {
    const more = bytes[i] < 0x80 ? 0 : bytes[i] < 0xe0 ? 1 : bytes[i] < 0xf0 ? 2 : 3;
    let code = more ? bytes[i] & (0x3f >> more) : bytes[i];
    for (let k = 1; k <= more; k++) code = (code << 6) | (bytes[i + k] & 0x3f);
    found += String.fromCodePoint(code);
    i += more + 1;
  }
  return found;
}
