// What this browser keeps for the page: `local` for all its tabs, `session` for this one. Without
// storage, as in some private windows, it is kept until the page is left.
class Kept {
  constructor(find) {
    this.instead = new Map();
    try {
      this.store = find();
    } catch {
      this.store = null; // not allowed
    }
  }

  get(key) {
    return this.instead.get(key) ?? this.store?.getItem(key) ?? null;
  }

  set(key, value) {
    try {
      this.store.setItem(key, value);
      this.instead.delete(key);
    } catch {
      this.instead.set(key, value); // full, or not allowed
    }
  }

  remove(key) {
    this.instead.delete(key);
    this.store?.removeItem(key);
  }

  keysWith(prefix) {
    const keys = new Set([...Object.keys(this.store ?? {}), ...this.instead.keys()]);
    return [...keys].filter((key) => key.startsWith(prefix));
  }
}

export const local = new Kept(() => window.localStorage);
export const session = new Kept(() => window.sessionStorage);
