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

// What is larger every module refuses by its length, so nobody needs a copy of it.
const LARGEST = 32 * 1024 * 1024;

export class Teeproof {
  #engine;
  #load;
  #loading;
  #whole;
  #broken;

  // Of a module that answers whatever it is asked; or of the main one, with what loads another such.
  constructor(engine, load) {
    this.#engine = load ? new Main(engine) : engine;
    this.#load = load;
  }

  async whole() {
    try {
      this.#loading ??= this.#load?.();
      this.#whole = await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      const message = `the whole module is needed for this and could not be loaded: ${error?.message ?? error}`;
      throw new TeeproofError("not-loaded", message, { cause: error });
    }
    return this;
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
    if (!this.#load) {
      return answer(this.#run("call", operation, request, attached));
    }
    if (!this.#whole) {
      throw new TeeproofError("not-loaded", "only the main module is loaded: `await teeproof.whole()` first");
    }
    return this.#whole.#now(operation, request, attached);
  }

  async #later(operation, request, attached) {
    if (!this.#load) {
      return answer(await this.#run("callAsync", operation, request, attached));
    }
    if (!this.#whole) {
      const asked = this.#engine.ask(operation, JSON.stringify(request), attached);
      // Still in the same turn: whoever is asked next is asked about the same bytes.
      attached = attached.map((part) => (part.length > LARGEST ? part.subarray(0, part.length) : part.slice()));
      const found = await asked;
      if (found !== undefined) {
        return answer(found);
      }
      await this.whole();
    }
    return this.#whole.#later(operation, request, attached);
  }

  #run(call, operation, request, attached) {
    if (this.#broken) {
      throw this.#broken;
    }
    try {
      const result = this.#engine[call](operation, JSON.stringify(request), attached);
      return typeof result === "string" ? result : result.catch((error) => this.#failed(error));
    } catch (error) {
      return this.#failed(error);
    }
  }

  // A trap is a defect of ours. Nothing was answered, and nothing after it may be relied on.
  #failed(error) {
    if (error instanceof WebAssembly.RuntimeError) {
      this.#broken = new TeeproofError("trap", "the module has failed; load it anew", { cause: error });
    }
    throw this.#broken ?? error;
  }
}

// The main module has no code for what is out of order: it traps there, and somebody else is asked. After a
// trap it is asked nothing more, and what it was still about to answer is not taken.
class Main {
  #engine;

  constructor(engine) {
    this.#engine = engine;
  }

  async ask(operation, text, attached) {
    try {
      const found = await this.#engine?.callAsync(operation, text, attached);
      return this.#engine && found;
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) {
        throw error;
      }
      this.#engine = undefined;
      return undefined;
    }
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
