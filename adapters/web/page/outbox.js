// What was written and isn't yet in the conversation: kept over reloads, sent until the server has
// it, always under the same id, so that nothing is lost and nothing is said twice.
import { post } from "./post.js";

const PREFIX = "outbox:";
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;

export class Outbox {
  // onChange(item): its state is new. onGone(item): it isn't pending any more.
  constructor({ onChange, onGone }) {
    this.onChange = onChange;
    this.onGone = onGone;
    this.items = stored();
    this.pause = FIRST_PAUSE;
    this.sending = false;
    for (const item of this.items) this.onChange(item);
    this.flush();
  }

  add(text, { quiet = false } = {}) {
    const item = { id: newId(), text, quiet, at: Date.now(), state: "waiting", position: null };
    this.items.push(item);
    this.#keep(item);
    this.flush();
  }

  // Send again what was refused or failed, as a new sending: the server has settled the old one.
  again(item) {
    this.discard(item);
    this.add(item.text);
  }

  discard(item) {
    localStorage.removeItem(PREFIX + item.id);
    this.items = this.items.filter((each) => each !== item);
    this.onGone(item);
  }

  // The conversation now holds this sending.
  seen(id) {
    const item = this.items.find((each) => each.id === id);
    if (item) this.discard(item);
  }

  // Everything up to this position has been dealt with.
  answered(position) {
    for (const item of this.items) {
      if (item.state === "accepted" && item.position <= position) this.discard(item);
    }
  }

  get waitsForAnswer() {
    return this.items.some((item) => item.state === "accepted");
  }

  // One after the other, in the order in which they were written.
  async flush() {
    if (this.sending) return;
    this.sending = true;
    let item;
    while ((item = this.items.find((each) => each.state === "waiting"))) {
      if (!(await this.#send(item))) {
        setTimeout(() => this.flush(), this.pause);
        this.pause = Math.min(LONGEST_PAUSE, this.pause * 2);
        break;
      }
      this.pause = FIRST_PAUSE;
    }
    this.sending = false;
  }

  // False: not now; try again later.
  async #send(item) {
    const { status, data } = await post("/chat/messages", { text: item.text, client_id: item.id });
    if (status === 0 || status === 429 || status >= 500) return false;
    if (status === 401) {
      location.reload();
      return false;
    }
    if (data.outcome === "accepted" || data.outcome === "duplicate") {
      item.state = "accepted";
      item.position = data.position;
    } else {
      item.state = "failed";
      item.reason = data.text || data.detail || "";
    }
    if (this.items.includes(item)) this.#keep(item); // it may have been seen meanwhile
    return true;
  }

  #keep(item) {
    localStorage.setItem(PREFIX + item.id, JSON.stringify(item));
    this.onChange(item);
  }

  static forgetAll() {
    for (const key of keys()) localStorage.removeItem(key);
  }
}

function keys() {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}

function stored() {
  return keys()
    .map((key) => JSON.parse(localStorage.getItem(key)))
    .sort((one, other) => one.at - other.at);
}

// randomUUID exists only on https and on loopback.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
