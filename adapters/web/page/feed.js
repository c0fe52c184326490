// The feed: events from the server, each final one exactly once, over any number of connections.
// The server repeats nothing before the id we ask after; what it repeats all the same is dropped.
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 4_000;
const NAMES = ["message", "notice", "preview", "answered", "memory", "profile"];

export function follow({ onEvent, onErased, onConnected, onLost, onStranger }) {
  let seen = null; // [message, notice, since when there are these numbers]
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
    const id = name === "answered" ? event.lastEventId : data.id;
    if (id) {
      const place = id.split(".").map(Number);
      if (seen !== null && beginsAnew(name, place)) {
        seen = null;
        onErased();
      }
      if (seen !== null && isOld(name, place)) return;
      remember(place);
    }
    onEvent(name, data);
  }

  // What was numbered before is erased, or another agent answers now: the numbers are another's, or
  // go back.
  function beginsAnew(name, [message, notice, since]) {
    if (since && seen[2] && since !== seen[2]) return true;
    return name === "answered" && (message < seen[0] || notice < seen[1]);
  }

  function isOld(name, [message, notice]) {
    if (name === "answered") return false;
    return name === "message" ? message <= seen[0] : notice <= seen[1];
  }

  function remember([message, notice, since]) {
    const [before, noticeBefore, sinceBefore] = seen ?? [0, 0, 0];
    seen = [Math.max(message, before), Math.max(notice, noticeBefore), since || sinceBefore];
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
