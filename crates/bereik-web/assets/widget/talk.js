// The visitor's side of the protocol: who he is, which contact he has, what is still to be sent.

class Talk {
  constructor(base, language, hooks) {
    this.base = base;
    this.language = language;
    this.hooks = hooks;
    this.tokenKey = `bereik.token:${base}`;
    this.pending = new Pending(`bereik.pending:${base}`);
    this.contact = null;
    this.seen = 0;
    this.connection = 0;
    this.greeted = false;
    this.watchPage = () => this.tellPage();
    addEventListener('popstate', this.watchPage);
  }

  static hasToken(base) {
    try { return localStorage.getItem(`bereik.token:${base}`) !== null; } catch { return false; }
  }

  start() {
    if (this.wire) return;
    this.wire = new Wire(socketAddress('chat', this.base), {
      open: () => this.hello(),
      frame: (frame) => this.take(frame),
      lost: () => { this.greeted = false; this.hooks.connection(false); },
    });
  }

  stop() {
    this.wire?.stop();
    this.wire = undefined;
    removeEventListener('popstate', this.watchPage);
  }

  token() {
    try { return localStorage.getItem(this.tokenKey) ?? this.ownToken; } catch { return this.ownToken; }
  }

  hello() {
    this.connection += 1;
    this.toldPage = this.page();
    this.wire.send({ type: 'hello', token: this.token() ?? null, language: this.language, page: this.toldPage });
  }

  page() { return this.hooks.showsPage() ? location.pathname : null; }

  // A site may move to another page without loading it.
  tellPage() {
    const page = this.page();
    if (this.greeted && page !== this.toldPage && this.wire.send({ type: 'page', page })) this.toldPage = page;
  }

  keepToken(token) {
    this.ownToken = token;
    try {
      const other = localStorage.getItem(this.tokenKey);
      if (other !== null && other !== token) { this.wire.connect(); return false; }
      localStorage.setItem(this.tokenKey, token);
    } catch { /* no storage: the conversation lasts as long as the page */ }
    return true;
  }

  take(frame) {
    switch (frame.type) {
      case 'welcome': return this.welcome(frame);
      case 'aside': return this.hooks.aside(frame);
      case 'board': return this.hooks.board(frame.board);
      case 'contact': return this.stand(frame.contact);
      case 'entry': {
        if (frame.contact !== this.contact?.id || frame.number <= this.seen) return undefined;
        this.seen = frame.number;
        return this.hooks.entry(frame);
      }
      case 'kept': return this.kept(frame);
      case 'refused': return this.refused(frame);
      default: return undefined;
    }
  }

  welcome(frame) {
    if (frame.token && !this.keepToken(frame.token)) return;
    this.bytesMax = frame.bytes_max;
    this.greeted = true;
    this.stand(frame.contact);
    this.hooks.connection(true);
    // What is pending goes first, so that the entries that follow are known for what they are.
    this.flush();
    this.wire.send({ type: 'follow', contact: this.contact?.id ?? null, after: this.seen });
  }

  stand(contact) {
    if ((contact?.id ?? null) !== (this.contact?.id ?? null)) {
      this.seen = 0;
      this.hooks.cleared();
    }
    this.contact = contact;
    this.hooks.standing(contact);
  }

  say(text, to, details) {
    this.tellPage();
    const contact = this.contact && !to ? this.contact.id : null;
    const item = this.pending.add({ text, contact, to: to ?? null, ...details });
    this.hooks.pending(item);
    this.flush();
  }

  flush() {
    if (!this.greeted) return;
    for (const item of this.pending.ready()) {
      if (item.sentOn === this.connection) continue;
      const { key, text, contact, to, name, email } = item;
      if (this.wire.send({ type: 'say', key, text, contact, to, name, email })) item.sentOn = this.connection;
    }
  }

  kept(frame) {
    this.pending.remove(frame.key);
    this.pending.opened(frame.contact);
    this.hooks.kept(frame);
    this.flush();
  }

  refused(frame) {
    const item = frame.key ? this.pending.find(frame.key) : undefined;
    if (!item) return this.hooks.refused(frame);
    if (frame.retry_after_s) {
      setTimeout(() => { item.sentOn = 0; this.flush(); }, frame.retry_after_s * 1000);
    } else {
      item.state = 'failed';
      this.pending.store();
    }
    return this.hooks.refused(frame, item);
  }

  retry(item) {
    item.state = 'sending';
    item.sentOn = 0;
    this.hooks.pending(item);
    this.flush();
  }

  ask(frame) { return this.greeted && this.wire.send(frame); }
}
