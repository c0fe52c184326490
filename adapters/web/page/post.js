// One way to send something to the server. `status` 0: it could not be reached.
export async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, data: text ? parsed(text) : {} };
  } catch {
    return { status: 0, data: {} };
  }
}

// What is between us and the server may answer in HTML.
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
