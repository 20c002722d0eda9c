// The kernels of native/ as WebAssembly: the C functions of native/unspool.h and network.h, and the memory that they work in.

class Kernels {
  /** Compiles and starts them. They ask for nothing outside: what the C library could ask for says so. */
  async start(bytes) {
    const outside = new Proxy({}, { get: (_, name) => () => { throw new Error(`The kernels asked for ${String(name)}.`); } });
    const { instance } = await WebAssembly.instantiate(bytes, { wasi_snapshot_preview1: outside });
    this.code = instance.exports;
    this.code._initialize();
  }

  /** Where a copy of an array stands, or room for so many bytes, until it is given back. */
  put(what) {
    const bytes = typeof what === "number" ? what : what.byteLength, at = this.code.malloc(bytes || 1) >>> 0;
    if (!at) throw new Error("There is not enough memory for this model.");
    if (bytes && typeof what !== "number") {
      new Uint8Array(this.code.memory.buffer, at, bytes).set(new Uint8Array(what.buffer, what.byteOffset, bytes));
    }
    return at;
  }

  /** The same of weights `{data, shape}` as floats; they move, and the page keeps them no longer. */
  move(weights) {
    if (weights.at === undefined) {
      weights.at = this.put(Float32Array.from(weights.data));
      weights.data = null;
    }
    return weights.at;
  }

  /** A copy of numbers of one kind, like `Float32Array`. */
  read(Kind, at, count) {
    return new Kind(this.code.memory.buffer.slice(at, at + count * Kind.BYTES_PER_ELEMENT));
  }

  /** What `work` gives; what it puts by the function that it is given is given back afterwards. */
  during(work) {
    const taken = [];
    const room = (what) => {
      taken.push(this.put(what));
      return taken.at(-1);
    };
    try {
      return work(room);
    } finally {
      taken.forEach((at) => this.code.free(at));
    }
  }

  /** Call a function that returns `fine` where all went well; counts are `BigInt`. */
  call(name, fine, ...given) {
    if (this.code[`unspool_${name}`](...given) !== fine) {
      throw new Error("There is not enough memory for this model, or it contains an invalid number.");
    }
  }
}

const kernels = new Kernels();

const FIELDS = {
  q: [8, (view, at, value) => view.setBigInt64(at, BigInt(value), true)],
  d: [8, (view, at, value) => view.setFloat64(at, value, true)],
  i: [4, (view, at, value) => view.setInt32(at, value, true)],
  P: [4, (view, at, value) => view.setUint32(at, value, true)],
};

/** A C struct of whole numbers of 64 (q) or 32 bits (i), doubles (d) and pointers (P), like "3q2i3P". */
function struct(format, ...values) {
  const kinds = Array.from(format.matchAll(/(\d*)([qdiP])/g), ([, count, kind]) => kind.repeat(count || 1)).join("");
  const found = new DataView(new ArrayBuffer(8 * kinds.length));
  let end = 0;
  [...kinds].forEach((kind, i) => {
    const [size, set] = FIELDS[kind], at = Math.ceil(end / size) * size;
    set(found, at, values[i]);
    end = at + size;
  });
  return new Uint8Array(found.buffer, 0, kinds.includes("q") ? Math.ceil(end / 8) * 8 : end);
}

/** Structs end to end. */
function structs(parts) {
  const found = new Uint8Array(parts.reduce((all, one) => all + one.length, 0));
  parts.reduce((at, one) => (found.set(one, at), at + one.length), 0);
  return found;
}

/** Whole numbers as the kernels count. */
function counts(numbers) {
  return BigInt64Array.from(numbers, BigInt);
}
