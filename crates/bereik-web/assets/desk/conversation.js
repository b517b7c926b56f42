// One conversation: its messages, its timeline in words, and what can be done with it.

class Conversation {
  constructor(id, say, words, hooks) {
    Object.assign(this, { id, say, words, hooks, kind: 'text', offers: new Map(), byMessage: new Map(), waiting: new Map(), buttons: new Map() });
    this.log = el('ol', { class: 'log', role: 'log', 'aria-live': 'polite', tabindex: '0', testid: 'desk-log' });
    this.timeline = el('ol', { class: 'timeline', tabindex: '0', testid: 'desk-timeline', hidden: true });
    this.head = el('header', { class: 'conversation-head' });
    this.tools = el('div', { class: 'tools', role: 'group' });
    this.form = el('div', { class: 'tool-form', hidden: true });
    this.node = el('article', { class: 'conversation', testid: `desk-conversation-${id}` }, this.head, this.tools, this.form, this.buildTabs(), this.log, this.timeline, this.buildWriter());
    this.show('log');
  }

  buildTabs() {
    this.tabs = { log: el('button', { type: 'button', role: 'tab', testid: 'desk-tab-conversation', onclick: () => this.show('log') }, this.words('conversation')),
      timeline: el('button', { type: 'button', role: 'tab', testid: 'desk-tab-timeline', onclick: () => this.show('timeline') }, this.words('timeline')) };
    return el('div', { class: 'tabs', role: 'tablist' }, this.tabs.log, this.tabs.timeline);
  }

  show(tab) {
    this.log.hidden = tab !== 'log';
    this.timeline.hidden = tab !== 'timeline';
    for (const [name, button] of Object.entries(this.tabs)) button.setAttribute('aria-selected', String(name === tab));
    this[tab].scrollTop = this[tab].scrollHeight;
  }

  buildWriter() {
    this.field = el('textarea', { rows: '1', testid: 'desk-input' });
    this.field.addEventListener('input', () => { this.field.style.height = 'auto'; this.field.style.height = `${Math.min(this.field.scrollHeight, 160)}px`; });
    this.field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.send(); }
    });
    const choice = (kind) => el('button', { type: 'button', class: 'kind', testid: `desk-kind-${kind}`, 'data-kind': kind, onclick: () => { this.write(kind); this.field.focus(); } }, this.words(kind === 'text' ? 'message' : 'note'));
    this.kinds = [choice('text'), choice('note')];
    this.hint = el('span', { class: 'hint' }, this.words('note.hint'));
    this.writer = el('form', { class: 'writer', onsubmit: (event) => { event.preventDefault(); this.send(); } },
      el('div', { class: 'kinds' }, this.kinds, this.hint),
      el('div', { class: 'writer-row' }, this.field, el('button', { type: 'submit', class: 'primary', testid: 'desk-send' }, icon('send'), this.words('send'))));
    this.write('text');
    return this.writer;
  }

  write(kind) {
    this.kind = kind;
    for (const button of this.kinds) button.setAttribute('aria-pressed', String(button.dataset.kind === kind));
    const label = this.words(kind === 'note' ? 'note.write' : 'message.write');
    this.field.placeholder = label;
    this.field.setAttribute('aria-label', label);
    this.hint.hidden = kind !== 'note';
    this.writer.classList.toggle('is-note', kind === 'note');
  }

  send() {
    const text = this.field.value.trim();
    if (!text) return;
    this.pend(this.hooks.say(this.id, this.kind, text));
    this.field.value = '';
    this.field.style.height = 'auto';
    this.show('log');
  }

  showRow(row) {
    this.row = row;
    const me = this.say.me;
    const isIn = row.people.includes(me);
    const isOpen = !['abandoned', 'closed', 'merged'].includes(row.state);
    const facts = [row.addressee, this.words(`state.${row.state}`), row.people.length ? this.words('with', { names: this.say.names(row.people) }) : null,
      row.promise && isOpen ? this.say.promise(row.promise) : null];
    const addresses = row.addresses.filter((one) => !one.startsWith('web:')).map((one) => {
      const text = one.replace(/^\w+:/, '');
      return /^(mailto|tel):/.test(one) ? el('a', { href: one }, text) : text;
    });
    this.head.replaceChildren(
      el('div', { class: 'head-top' }, el('button', { type: 'button', class: 'icon-button only-narrow', 'aria-label': this.words('contacts'), onclick: () => this.hooks.back() }, icon('back')),
        el('h2', {}, customerOf(row, this.words)), el('span', { class: 'number' }, `C${row.id}`), urgencyTag(row, this.words),
        el('span', { class: `presence ${row.is_there ? 'available' : 'away'}`, testid: 'desk-customer-there' }, this.words(row.is_there ? 'customer.here' : 'customer.gone'))),
      el('p', { class: 'facts', testid: 'desk-facts' }, facts.filter(Boolean).join(' · ')),
      el('p', { class: 'facts' }, row.page ? el('span', { class: 'page', testid: 'desk-page' }, this.words('alert.page', { page: row.page })) : null, ...addresses.flatMap((one) => [' ', one])));
    const tool = (name, testid, label, onclick) => {
      if (!this.buttons.has(testid)) this.buttons.set(testid, el('button', { type: 'button', class: 'tool', testid, onclick }, icon(name), this.words(label)));
      return this.buttons.get(testid);
    };
    const command = (type) => () => this.hooks.ask({ type, contact: this.id });
    arrange(this.tools, [
      isOpen && !row.people.length ? tool('check', 'desk-claim', 'claim', command('claim')) : null,
      isIn && isOpen ? tool('people', 'desk-invite', 'invite', () => this.askPerson()) : null,
      isIn && isOpen ? tool('link', 'desk-link', 'link', () => this.askLink()) : null,
      isIn && isOpen && this.say.hasMeetings ? tool('video', 'desk-meeting', 'meeting', command('meeting')) : null,
      isIn && isOpen ? tool('phone', 'desk-phone', 'phone', command('phone')) : null,
      isIn && isOpen ? tool('back', 'desk-leave', 'leave', command('leave')) : null,
      isOpen && (isIn || !row.people.length) ? tool('close', 'desk-close', 'close', command('close')) : null,
      isOpen ? null : tool('chat', 'desk-reopen', 'reopen', command('reopen')),
    ].filter(Boolean));
    this.writer.hidden = !isIn || !isOpen;
    if (this.writer.hidden) this.form.hidden = true;
  }

  askPerson() {
    const people = [...this.say.people].filter(([id]) => !this.row.people.includes(id));
    const choice = el('select', { testid: 'desk-invite-person', 'aria-label': this.words('invite.choose') }, people.map(([id, name]) => el('option', { value: id }, this.hooks.labelOf(id, name))));
    this.askIn(choice, this.words('invite.go'), 'desk-invite-go', () => this.hooks.ask({ type: 'invite', contact: this.id, person: choice.value }));
  }

  askLink() {
    const field = el('input', { type: 'url', required: true, testid: 'desk-link-address', placeholder: 'https://', 'aria-label': this.words('link.address') });
    this.askIn(field, this.words('link.send'), 'desk-link-go', () => this.pend(this.hooks.say(this.id, 'link', field.value.trim())));
  }

  askIn(field, label, testid, done) {
    const close = () => { this.form.hidden = true; this.form.replaceChildren(); };
    const form = el('form', { onsubmit: (event) => { event.preventDefault(); done(); close(); } }, field, el('button', { type: 'submit', class: 'primary', testid }, label));
    form.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
    this.form.replaceChildren(form);
    this.form.hidden = false;
    field.focus();
  }

  take({ entry, text }) {
    const { fact } = entry;
    if (fact.type === 'offered') this.offers.set(fact.offer.id, this.say.offered(fact.offer.to));
    this.timeline.append(this.fact(entry));
    this.stick(this.timeline);
    if (fact.type === 'said') this.message(entry, text);
    else if (['joined', 'left', 'owner_changed', 'consult_began', 'consult_ended', 'requested', 'request_ended', 'handed_over', 'hand_over_failed', 'closed', 'reopened', 'phone_asked', 'urgency_changed', 'customer_gone', 'customer_back', 'customer_named'].includes(fact.type)) {
      this.put(el('li', { class: 'notice', testid: 'desk-notice' }, this.say.fact(fact, this.offers)[0]));
    }
  }

  fact(entry) {
    const [title, lines] = this.say.fact(entry.fact, this.offers);
    return el('li', { class: `fact fact-${entry.fact.type}`, testid: `desk-fact-${entry.fact.type}`, 'data-number': entry.number },
      el('time', { datetime: entry.at, title: this.say.instant(entry.at) }, this.say.clock(entry.at)),
      el('div', {}, el('p', {}, title), lines.length ? el('ul', {}, lines.map((line) => el('li', {}, line))) : null));
  }

  message({ at, fact }, text) {
    const known = this.byMessage.get(fact.message);
    if (known) { known.querySelector('.when').textContent = this.say.instant(at); this.put(known); return; }
    const node = this.bubble(fact.author, fact.kind, text, this.say.instant(at));
    this.byMessage.set(fact.message, node);
    this.put(node);
  }

  bubble(author, kind, text, when) {
    const isCustomer = author === 'customer';
    const name = isCustomer ? customerOf(this.row, this.words) : this.say.author(author);
    const mine = author?.person === this.say.me;
    const label = kind === 'note' ? `${name} · ${this.words('note')}` : name;
    return el('li', { class: `line ${isCustomer ? 'theirs' : 'ours'} ${mine ? 'mine' : ''} ${kind === 'note' ? 'a-note' : ''}`, testid: kind === 'note' ? 'desk-note' : isCustomer ? 'desk-message-customer' : 'desk-message' },
      avatar(name), el('div', { class: 'stack' }, el('span', { class: 'who' }, label, ' ', el('span', { class: 'when' }, when)),
        el('div', { class: 'bubble', testid: 'desk-message-text' }, text === null ? el('em', {}, this.words('removed')) : linkified(text)), el('span', { class: 'state' })));
  }

  put(node) {
    const first = this.waiting.values().next().value ?? null;
    this.log.insertBefore(node, first);
    this.stick(this.log);
  }

  stick(list) { if (list.scrollHeight - list.scrollTop - list.clientHeight < 160) list.scrollTop = list.scrollHeight; }

  pend(item) {
    let node = this.waiting.get(item.key);
    if (!node) {
      node = this.bubble({ person: this.say.me }, item.kind, item.text, '');
      this.waiting.set(item.key, node);
      this.log.append(node);
      this.log.scrollTop = this.log.scrollHeight;
    }
    node.classList.toggle('failed', item.state === 'failed');
    node.querySelector('.state').replaceChildren(...(item.state === 'failed'
      ? [item.reason ?? this.words('failed'), ' ', el('button', { type: 'button', class: 'retry', testid: 'desk-retry', onclick: () => { this.hooks.retry(item); this.pend(item); } }, this.words('failed.retry'))]
      : [this.words('sending')]));
  }

  keep({ key, message }) {
    const node = this.waiting.get(key);
    if (!node) return;
    this.waiting.delete(key);
    if (message === null || this.byMessage.has(message)) { node.remove(); return; }
    this.byMessage.set(message, node);
    node.querySelector('.state').replaceChildren(icon('check'), this.words('sent'));
    this.put(node);
  }
}
