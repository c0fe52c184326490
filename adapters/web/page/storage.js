// What this browser keeps for the page. Without storage, for example in some private windows, it
// is kept until the page is left.
const instead = new Map();

function store() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export function keep(key, value) {
  instead.set(key, value);
  try {
    store()?.setItem(key, value);
  } catch {
    // Full, or not allowed: the copy above serves as long as the page is open.
  }
}

export function kept(key) {
  return store()?.getItem(key) ?? instead.get(key) ?? null;
}

export function drop(key) {
  instead.delete(key);
  store()?.removeItem(key);
}

export function keysWith(prefix) {
  const keys = new Set([...Object.keys(store() ?? {}), ...instead.keys()]);
  return [...keys].filter((key) => key.startsWith(prefix));
}
