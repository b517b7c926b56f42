// The desk's side of the protocol: who sits here, what is followed, what is still to be sent.

class Link {
  constructor(base, language, hooks) {
    this.hooks = hooks;
    this.language = language;
    this.pending = new Pending('bereik.desk.pending');
    this.connection = 0;
    this.greeted = false;
    this.followed = new Map();
    this.wire = new Wire(socketAddress('socket', base), {
      open: () => this.hello(),
      frame: (frame) => this.take(frame),
      lost: () => { this.greeted = false; hooks.connection(false); },
    });
  }

  seat() { try { return localStorage.getItem('bereik.desk.person'); } catch { return this.person; } }

  sit(person) {
    this.person = person;
    try { localStorage.setItem('bereik.desk.person', person); } catch { /* asked again next time */ }
    this.hello();
  }

  hello() {
    this.connection += 1;
    this.wire.send({ type: 'hello', person: this.seat() || null, language: this.language });
  }

  take(frame) {
    if (frame.type === 'welcome') {
      this.greeted = true;
      this.bytesMax = frame.bytes_max;
      this.hooks.welcome(frame);
      this.hooks.connection(true);
      if (!frame.me) return;
      // What is pending goes first, so that the entries that follow are known for what they are.
      this.flush();
      for (const [contact, seen] of this.followed) this.wire.send({ type: 'follow', contact, after: seen });
      return;
    }
    if (frame.type === 'entry') {
      const seen = this.followed.get(frame.contact);
      if (seen === undefined || frame.entry.number <= seen) return;
      this.followed.set(frame.contact, frame.entry.number);
    } else if (frame.type === 'kept') {
      this.pending.remove(frame.key);
    } else if (frame.type === 'refused' && frame.key) {
      frame.item = this.pending.find(frame.key);
      if (frame.item) this.turnedDown(frame);
    }
    this.hooks[frame.type]?.(frame);
  }

  turnedDown({ item, retry_after_s: seconds }) {
    if (seconds) {
      setTimeout(() => { item.sentOn = 0; this.flush(); }, seconds * 1000);
    } else {
      item.state = 'failed';
      this.pending.store();
    }
  }

  follow(contact) {
    if (this.followed.has(contact)) return;
    this.followed.set(contact, 0);
    this.ask({ type: 'follow', contact, after: 0 });
  }

  say(contact, kind, text) {
    const item = this.pending.add({ contact, kind, text });
    this.flush();
    return item;
  }

  retry(item) {
    item.state = 'sending';
    item.sentOn = 0;
    this.flush();
  }

  flush() {
    if (!this.greeted) return;
    for (const item of this.pending.ready()) {
      if (item.sentOn === this.connection) continue;
      const { key, contact, kind, text } = item;
      if (this.wire.send({ type: 'say', key, contact, kind, text })) item.sentOn = this.connection;
    }
  }

  ask(frame) { return this.greeted && this.wire.send(frame); }
}
