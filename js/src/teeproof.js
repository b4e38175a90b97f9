// What a page calls. It words a request, hands bytes in, and reads the answer: whatever is decided
// is decided in the module.

const SCHEMA = "teeproof.request/1";

export class TeeproofError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = "TeeproofError";
    this.code = code;
  }
}

export class Teeproof {
  #call;
  #callAsync;
  #broken;

  constructor(call, callAsync) {
    this.#call = call;
    this.#callAsync = callAsync;
  }

  // All bytes are copied before the promise is returned.
  async verify(inputs, options) {
    return this.#later("verify", ...judged(inputs, options));
  }

  verifySync(inputs, options) {
    return this.#now("verify", ...judged(inputs, options));
  }

  async compare(inputs, options) {
    return this.#later("compare", ...judged(inputs, options));
  }

  compareSync(inputs, options) {
    return this.#now("compare", ...judged(inputs, options));
  }

  inspect(parts) {
    const attached = [];
    return this.#now("inspect", { parts: attach(parts, attached) }, attached);
  }

  bundle(parts, options = {}) {
    const attached = [];
    return this.#now("bundle", { ...options, parts: attach(parts, attached) }, attached);
  }

  explainPolicy(policy) {
    return this.#now("policy-explain", { policy }, []);
  }

  checks() {
    return this.#now("checks", {}, []);
  }

  #now(operation, request, attached) {
    return answer(this.#run(this.#call, operation, request, attached));
  }

  #later(operation, request, attached) {
    return this.#run(this.#callAsync, operation, request, attached).then(answer);
  }

  // A trap is a defect of ours. Nothing was answered, and nothing after it may be relied on.
  #run(call, operation, request, attached) {
    if (!this.#broken) {
      try {
        return call(operation, JSON.stringify(request), attached);
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) {
          throw error;
        }
        this.#broken = error;
      }
    }
    throw new TeeproofError("trap", "the module has failed; load it anew", { cause: this.#broken });
  }
}

function judged(inputs, { at, ...options } = {}) {
  const attached = [];
  const request = {
    ...options,
    schema: SCHEMA,
    inputs: [inputs].flat().map(({ parts, ...input }) => ({
      ...input,
      parts: attach(parts, attached),
    })),
    ...instant(at),
  };
  return [request, attached];
}

function instant(at) {
  switch (at) {
    case "now":
      return { at: Math.floor(Date.now() / 1000), atIsNow: true };
    case "captured":
      return { atCaptured: true };
    default:
      return { at };
  }
}

// Bytes go beside the request, which names them by number.
function attach(parts, attached) {
  return parts.map((part) => ({ attached: attached.push(view(part)) - 1 }));
}

function view(part) {
  if (typeof part === "string") {
    return new TextEncoder().encode(part);
  }
  if (part instanceof Uint8Array) {
    return part;
  }
  if (ArrayBuffer.isView(part)) {
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  }
  if (part instanceof ArrayBuffer) {
    return new Uint8Array(part);
  }
  throw new TeeproofError("argument", "a part is bytes (Uint8Array, ArrayBuffer) or text");
}

function answer(text) {
  const { ok, error } = JSON.parse(text);
  if (error) {
    throw new TeeproofError(error.code, error.message);
  }
  return ok;
}
