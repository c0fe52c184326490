// Earlier messages, fetched when a reader comes near the beginning of what is shown.
import { by } from "./dom.js";

const NEAR = "400px 0px 0px";

export class History {
  constructor(log) {
    this.log = log;
    this.more = true;
    this.asked = false;
    this.fetching = false;
    by("earlier").addEventListener("click", () => this.fetch());
    this.observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) this.fetch();
      },
      { root: by("scroll"), rootMargin: NEAR },
    );
  }

  // From now on; before, the page is still being filled. Before the first message of an agent there
  // may be another's, of when its person was two: that is asked for, but not offered.
  begin() {
    this.#offer();
    this.observer.observe(by("earlier"));
    if (this.log.first?.seq === 1) this.fetch();
  }

  // What is shown has been cleared away.
  anew() {
    this.more = true;
    this.asked = false;
    this.#offer();
  }

  async fetch() {
    if (this.fetching || !this.#mayHaveMore()) return;
    this.fetching = true;
    try {
      const answer = await fetch(`/chat/history?before=${this.log.first.id}`);
      if (!answer.ok) return; // the button stays, for another try
      const past = await answer.json();
      this.log.prepend(past.messages);
      this.more = past.more;
      this.asked = true;
    } catch {
      return; // not reachable now: the button stays
    } finally {
      this.fetching = false;
      this.#offer();
    }
    // Still in sight: an observer only tells of changes.
    this.observer.unobserve(by("earlier"));
    this.observer.observe(by("earlier"));
  }

  // The newest anew, in place of all that is shown.
  async again() {
    const upTo = this.log.newest;
    try {
      const answer = await fetch("/chat/history");
      if (!answer.ok) return;
      const past = await answer.json();
      this.log.replace(past.messages, { upTo });
      this.more = past.more;
    } catch {
      return; // not reachable now: the next time the page is opened it is as it should be
    }
    this.#offer();
  }

  #mayHaveMore() {
    return this.more && this.log.first !== null;
  }

  #offer() {
    by("earlier").hidden = !this.#mayHaveMore() || (!this.asked && this.log.first.seq === 1);
  }
}
