// The elements of the conversation, and how neighbours of one speaker form a group.
import { button, copied, face, make } from "./dom.js";
import { say } from "./strings.js";

const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { timeStyle: "short" });
const calendar = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
const dated = new Intl.DateTimeFormat(language, { dateStyle: "long" });
const whole = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
const GROUP = 5 * 60_000; // milliseconds between messages of one group
const DAY = 86_400_000;

// Numbers count for each agent, and a person who was two before has heard from two.
export function numberOf({ seq, since }) {
  return `${seq}.${since}`;
}

export function messageOf(data) {
  const mine = data.role === "user";
  const body = make("div", { className: "body", html: data.html, title: whole.format(new Date(data.at)) });
  if (!mine) dressed(body);
  return make(
    "li",
    {
      className: `message ${mine ? "mine" : "theirs"}`,
      "data-number": numberOf(data),
      "data-at": Date.parse(data.at),
    },
    make("span", { className: "unseen", text: mine ? `${say("you")}: ` : "" }),
    body,
    timeOf(data.at),
  );
}

// What can be done about it are buttons, each for once: `act` is given the command of the one pressed.
export function noticeOf(data, act) {
  const actions = data.actions ?? [];
  const text = actions.length ? make("div", { html: data.html }) : null;
  const element = make(
    "li",
    {
      className: data.asked_for ? "answer" : "remark",
      html: text ? null : data.html,
      "data-at": Date.parse(data.at),
    },
    ...(text ? [text] : []),
  );
  if (!text) return element;
  const buttons = actions.map(({ label, command }) =>
    button(
      label,
      () => {
        for (const each of buttons) each.disabled = true;
        act(command);
      },
      { class: "quiet small" },
    ),
  );
  element.append(make("div", { className: "actions" }, ...buttons));
  return element;
}

// What is on its way. `retry` and `discard` are what its buttons do.
export function sendingOf(item, { retry, discard }) {
  const kind = /^\/\w/.test(item.text) ? "command" : "";
  const state = item.state === "accepted" ? "" : item.state;
  return make(
    "li",
    {
      className: `message mine begins ends rests ${kind} ${state}`,
      "data-sending": item.id,
      "data-at": item.at,
    },
    make("span", { className: "unseen", text: `${say("you")}: ` }),
    make("div", { className: "body", text: item.text }),
    stateOf(item, { retry, discard }),
  );
}

function stateOf(item, { retry, discard }) {
  const line = (text, ...buttons) =>
    make("p", { className: "state" }, make("span", { text }), ...buttons);
  if (item.state === "failed") {
    return line(
      item.reason || say("not_sent"),
      button(say("send_again"), retry),
      button(say("discard"), discard),
    );
  }
  if (item.state === "accepted") return timeOf(item.at);
  return item.tries ? line(say("waiting"), button(say("send_again"), retry)) : line(say("sending"));
}

// It was answered, so it is there, though nobody has said so yet.
export function arrived(element) {
  element.classList.remove("waiting");
  element.querySelector(".state")?.replaceWith(timeOf(Number(element.dataset.at)));
}

function timeOf(at) {
  const date = new Date(at);
  const attributes = { datetime: date.toISOString(), title: whole.format(date) };
  return make("time", { ...attributes, text: clock.format(date) });
}

export function separatorOf(at) {
  return make("li", { className: "day", "data-day": dayOf(at), text: nameOf(at) });
}

export function dayOf(at) {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

function nameOf(at) {
  const now = Date.now();
  if (dayOf(at) === dayOf(now)) return say("today");
  if (dayOf(at) === dayOf(now - DAY)) return say("yesterday");
  return (now - Date.parse(at) < 300 * DAY ? calendar : dated).format(new Date(at));
}

// One group is one speaker without a pause: a face at its beginning. The time stands before a pause.
export function joined(before, element) {
  const soon = Boolean(before?.dataset.at) && element.dataset.at - before.dataset.at < GROUP;
  if (soon) before.classList.remove("rests");
  element.classList.add("rests");
  if (!element.classList.contains("message")) return;
  const together = soon && isOfOneSpeaker(before, element);
  element.classList.toggle("begins", !together);
  element.classList.add("ends");
  if (together) before.classList.remove("ends");
  const drawn = element.querySelector(":scope > .face");
  if (together || !element.classList.contains("theirs")) drawn?.remove();
  else if (!drawn) element.prepend(face());
}

function isOfOneSpeaker(...messages) {
  return ["mine", "theirs"].some((who) => messages.every((each) => each.classList.contains(who)));
}

// A reply's code can be copied, and what is too wide scrolls by itself.
function dressed(body) {
  for (const pre of body.querySelectorAll("pre")) {
    const copy = button(say("copy"), async () => {
      if (await copied(pre.textContent)) copy.textContent = say("copied");
      else getSelection().selectAllChildren(pre);
    });
    const box = make("div", { className: "code-block" });
    pre.tabIndex = 0;
    pre.replaceWith(box);
    box.append(pre, copy);
  }
  for (const table of body.querySelectorAll("table")) {
    const box = make("div", { className: "table", tabindex: 0 });
    table.replaceWith(box);
    box.append(table);
  }
}
