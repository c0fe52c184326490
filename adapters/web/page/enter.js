// Coming in: by an invitation, which may stand in the address, or by a code of another device.
import { post } from "./post.js";
import { say } from "./strings.js";

function setUp(id, path, field) {
  const form = document.getElementById(id);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    const { status, data } = await post(path, { [field]: form.elements[field].value.trim() });
    button.disabled = false;
    if (status === 204) location.replace("/");
    else form.querySelector(".wrong").textContent = data.detail ?? say("failed");
  });
  return form;
}

const invitation = setUp("invite-form", "/chat/enter", "invite");
setUp("code-form", "/chat/recover", "code");
const invite = new URLSearchParams(location.search).get("invite");
if (invite) invitation.elements.invite.value = invite;
