// The feed: events from the server, each final one exactly once, over any number of connections.
// The server repeats nothing before the id we ask after; what it repeats all the same is dropped.
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
const NAMES = ["message", "notice", "preview", "working", "answered", "memory", "profile"];

export function follow({ onEvent, onConnected, onLost, onStranger }) {
  let seen = null; // [message, notice]
  let pause = FIRST_PAUSE;
  let source = null;
  let again = null;

  function connect() {
    clearTimeout(again);
    again = null;
    source?.close();
    const after = seen === null ? "" : `?after=${seen.join(".")}`;
    source = new EventSource(`/chat/events${after}`);
    source.onopen = () => {
      pause = FIRST_PAUSE;
      onConnected();
    };
    source.onerror = lose;
    for (const name of NAMES) {
      source.addEventListener(name, (event) => receive(name, event));
    }
  }

  // Our own retries: the browser's give up at the first answer that is no stream.
  function lose() {
    source.close();
    onLost();
    again ??= setTimeout(connect, pause);
    if (pause > FIRST_PAUSE) findOutWhether401(onStranger);
    pause = Math.min(LONGEST_PAUSE, pause * 2);
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

  function hurry() {
    pause = FIRST_PAUSE;
    if (again !== null) connect();
  }

  connect();
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) hurry();
  });
  return {
    // What was numbered before is gone for good: the numbers begin again.
    startOver() {
      seen = null;
      connect();
    },
  };
}

// An event stream doesn't tell why it failed; another question does.
async function findOutWhether401(onStranger) {
  try {
    const answer = await fetch("/chat/history?limit=1");
    if (answer.status === 401) onStranger();
  } catch {
    // Not reachable at all, which is for the next try to find out.
  }
}

function numbers(id) {
  return id.split(".").map(Number);
}
