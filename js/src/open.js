// A module that was fetched, read or compiled becomes one that answers.
export async function open({ default: init, initSync, call, callAsync }, source) {
  if (source instanceof WebAssembly.Module) {
    initSync({ module: source });
  } else {
    await init({ module_or_path: source });
  }
  return { call, callAsync };
}

// Everybody has the same one; what failed is tried again by whoever asks next.
export function once(start) {
  let loading;
  return (...asked) =>
    (loading ??= start(...asked).catch((error) => {
      loading = undefined;
      throw error;
    }));
}
