// The feed: events from the server, each final one exactly once, over any number of connections.
// The server repeats nothing before the id we ask after; what it repeats all the same is dropped.
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
const NAMES = ["message", "notice", "preview", "answered", "memory", "profile"];

export function follow({ onEvent, onConnected, onLost }) {
  let seen = null; // [message, notice]
  let pause = FIRST_PAUSE;
  let source = null;

  function connect() {
    const after = seen === null ? "" : `?after=${seen.join(".")}`;
    source = new EventSource(`/chat/events${after}`);
    source.onopen = () => {
      pause = FIRST_PAUSE;
      onConnected();
    };
    source.onerror = () => {
      // Our own retries: the browser's give up at the first answer that is no stream.
      source.close();
      onLost();
      setTimeout(connect, pause);
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    };
    for (const name of NAMES) {
      source.addEventListener(name, (event) => receive(name, event));
    }
  }

  function receive(name, event) {
    if (!event.data) return; // an error event of the browser's own
    const data = JSON.parse(event.data);
    if (isOld(name, data.id)) return;
    if (name === "answered") remember(event.lastEventId);
    else if (data.id) remember(data.id);
    onEvent(name, data);
  }

  function isOld(name, id) {
    if (!id || seen === null) return false;
    const [message, notice] = numbers(id);
    return name === "message" ? message <= seen[0] : notice <= seen[1];
  }

  function remember(id) {
    const now = numbers(id || "0.0");
    const [message, notice] = seen ?? [0, 0];
    seen = [Math.max(message, now[0]), Math.max(notice, now[1])];
  }

  connect();
  addEventListener("online", () => {
    if (source.readyState === EventSource.CLOSED) pause = FIRST_PAUSE;
  });
}

function numbers(id) {
  return id.split(".").map(Number);
}
