// The menu and the dialogs that it opens.
import { by } from "./dom.js";
import { Outbox } from "./outbox.js";
import { post } from "./post.js";
import { say } from "./strings.js";

export function setUpMenu({ command }) {
  const menu = by("menu");
  const opener = by("menu-open");
  const items = [...menu.querySelectorAll('[role="menuitem"]')];

  function show(on) {
    menu.hidden = !on;
    opener.setAttribute("aria-expanded", String(on));
    if (on) items[0].focus();
  }

  opener.addEventListener("click", () => show(menu.hidden));
  document.addEventListener("pointerdown", (event) => {
    if (!menu.hidden && !menu.contains(event.target) && event.target !== opener) show(false);
  });
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items[(to + items.length) % items.length].focus();
    } else if (event.key === "Tab") show(false);
  });
  menu.addEventListener("click", (event) => {
    const { dialog, command: text } = event.target.dataset;
    show(false);
    opener.focus();
    if (text) command(text);
    if (dialog) open(dialog);
  });
  by("theme").addEventListener("click", changeTheme);
  setUpDialogs();
  return {
    // True if it was open.
    close() {
      if (menu.hidden) return false;
      show(false);
      opener.focus();
      return true;
    },
  };
}

async function open(id) {
  if (id === "code-dialog") {
    const answer = await fetch("/chat/recovery-code");
    if (!answer.ok) return;
    by("code").textContent = (await answer.json()).code;
    by("copy").textContent = say("copy");
  }
  by(id).showModal();
}

function setUpDialogs() {
  for (const closer of document.querySelectorAll("dialog [data-close]")) {
    closer.addEventListener("click", () => closer.closest("dialog").close());
  }
  by("copy").addEventListener("click", async () => {
    // There is no clipboard without https; the code can be selected all the same.
    await navigator.clipboard?.writeText(by("code").textContent);
    by("copy").textContent = say("copied");
  });
  by("leave").addEventListener("click", async () => {
    const { status } = await post("/chat/leave", {});
    if (status === 204) startAnew();
  });
  by("recover").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const { status, data } = await post("/chat/recover", { code: form.elements.code.value });
    if (status === 204) startAnew();
    else form.querySelector(".wrong").textContent = data.detail ?? say("reconnecting");
  });
}

// As somebody else: nothing that this browser still holds may be said in their name.
function startAnew() {
  Outbox.forgetAll();
  sessionStorage.clear();
  location.replace("/");
}

function changeTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme || (dark ? "dark" : "light");
  const next = now === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
}
