// What was written and isn't yet in the conversation: kept over reloads, sent until the server has
// it, always under the same id, so that nothing is lost and nothing is said twice.
import { post } from "./post.js";
import { local } from "./storage.js";

const PREFIX = "outbox:";
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;

export class Outbox {
  // onChange(item): its state is new. onGone(item): it isn't pending any more.
  // onStranger(): the server doesn't know this browser.
  // onAnswered(item, {html}): it was dealt with at once, and the feed tells nothing of it.
  constructor({ onChange, onGone, onStranger, onAnswered }) {
    this.onAnswered = onAnswered;
    this.onChange = onChange;
    this.onGone = onGone;
    this.onStranger = onStranger;
    this.items = stored();
    this.dealtWith = 0; // everything up to this position
    this.pause = FIRST_PAUSE;
    this.sending = false;
    this.next = null;
    for (const item of this.items) this.onChange(item);
    this.flush();
  }

  // `quiet`: not shown as something that the person wrote.
  add(text, { quiet = false } = {}) {
    const item = { id: newId(), text, quiet, at: Date.now(), state: "waiting", tries: 0, position: null };
    this.items.push(item);
    this.#keep(item);
    this.flush();
  }

  // Send again: what was refused as a new sending, for the server has settled the old one.
  again(item) {
    if (item.state === "waiting") return this.flush();
    this.discard(item);
    return this.add(item.text);
  }

  discard(item) {
    local.remove(PREFIX + item.id);
    this.items = this.items.filter((each) => each !== item);
    this.onGone(item);
  }

  // The conversation now holds this sending.
  seen(id) {
    const item = this.items.find((each) => each.id === id);
    if (item) this.discard(item);
  }

  // Everything up to this position has been dealt with. It may be told before the sending's own
  // answer comes, which has the position.
  answered(position) {
    this.dealtWith = position;
    for (const item of this.items) {
      if (item.state === "accepted" && item.position <= position) this.discard(item);
    }
  }

  // Positions begin anew: what the server had of the old ones is erased, or is told by the feed.
  anew() {
    this.dealtWith = 0;
    for (const item of this.items) {
      if (item.state === "accepted") this.discard(item);
    }
  }

  get waitsForAnswer() {
    return this.items.some((item) => item.state === "accepted");
  }

  // One after the other, in the order in which they were written.
  async flush() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.next);
    let item;
    while ((item = this.items.find((each) => each.state === "waiting"))) {
      if (!(await this.#send(item))) {
        this.next = setTimeout(() => this.flush(), this.pause);
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
    if (status === 401) this.onStranger();
    if (status === 0 || status === 401 || status === 429 || status >= 500) {
      item.tries = (item.tries ?? 0) + 1;
      if (this.items.includes(item)) this.#keep(item);
      return false;
    }
    if (data.outcome === "accepted" || data.outcome === "duplicate") {
      item.state = "accepted";
      item.position = data.position;
      if (item.position <= this.dealtWith) this.discard(item);
    } else if (data.outcome === "answered") {
      this.onAnswered(item, data);
      this.discard(item);
      return true;
    } else {
      item.state = "failed";
      item.reason = data.text || data.detail || "";
    }
    if (this.items.includes(item)) this.#keep(item); // it may have been seen meanwhile
    return true;
  }

  #keep(item) {
    local.set(PREFIX + item.id, JSON.stringify(item));
    this.onChange(item);
  }

  static forgetAll() {
    for (const key of local.keysWith(PREFIX)) local.remove(key);
  }
}

function stored() {
  return local
    .keysWith(PREFIX)
    .map((key) => parsed(local.get(key)))
    .filter((item) => item?.id && typeof item.text === "string")
    .sort((one, other) => one.at - other.at);
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

// randomUUID exists only on https and on loopback.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
