// `<bereik-chat>`: the button in the corner and the window that it opens.

const SHEET = new CSSStyleSheet();
SHEET.replaceSync(STYLE);

class BereikChat extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) { this.talk.start(); return; }
    const asked = this.getAttribute('lang') ?? document.documentElement.lang ?? navigator.language;
    this.language = asked.toLowerCase().startsWith('nl') ? 'nl' : 'en';
    this.words = wordsOf(TEXTS[this.language]);
    this.lang = this.language;
    this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [SHEET];
    this.isOpen = false;
    this.unread = 0;
    this.to = null;
    this.log = new Log(this.words, (item) => this.talk.retry(item));
    this.talk = new Talk(BASE, this.language, {
      aside: (frame) => { this.log.aside(frame); this.log.node.hidden = false; },
      board: (board) => this.takeBoard(board),
      cleared: () => this.log.clear(),
      connection: (isUp) => this.showConnection(isUp),
      entry: (entry) => this.takeEntry(entry),
      kept: (frame) => this.log.keep(frame.key, frame.message),
      pending: (item) => this.log.pend(item),
      refused: (frame, item) => this.refuse(frame, item),
      showsPage: () => !this.hasAttribute('without-page'),
      standing: (contact) => this.showStanding(contact),
    });
    this.build();
    for (const item of this.talk.pending.items) this.log.pend(item);
    if (this.hasAttribute('live') || this.talk.pending.items.length || Talk.hasToken(BASE)) this.talk.start();
  }

  disconnectedCallback() { this.talk?.stop(); }

  build() {
    this.badge = el('span', { class: 'badge', hidden: true });
    this.launcher = el('button', { type: 'button', class: 'launcher', testid: 'chat-launcher', 'aria-expanded': 'false', onclick: () => this.toggle() },
      icon('chat'), el('span', { class: 'launcher-words' }, this.words('launcher')), this.badge);
    this.panel = el('section', { class: 'panel', role: 'dialog', 'aria-label': this.words('launcher'), testid: 'chat-panel', hidden: true },
      this.buildHead(), this.buildHome(), this.buildTalk());
    this.panel.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') { event.stopPropagation(); if (this.question.hidden) this.close(); else this.question.hidden = true; }
    });
    this.shadowRoot.append(this.panel, this.launcher);
    this.showView('home');
  }

  buildHead() {
    this.headName = el('h2', { testid: 'chat-title' }, this.words('launcher'));
    this.headLine = el('p', { class: 'head-line', role: 'status', testid: 'chat-standing' });
    this.backButton = iconButton('back', this.words('back'), 'chat-back', () => this.showView('home'));
    this.offline = el('p', { class: 'offline', role: 'status', testid: 'chat-offline', hidden: true }, this.words('offline'));
    return el('header', {},
      el('div', { class: 'head' }, this.backButton,
        el('div', { class: 'head-words' }, this.headName, this.headLine),
        iconButton('close', this.words('close'), 'chat-close', () => this.close())),
      this.offline);
  }

  buildHome() {
    this.list = el('div', { class: 'list' });
    this.home = el('div', { class: 'home', testid: 'chat-home' }, el('p', { class: 'lead' }, this.words('who')), this.list);
    return this.home;
  }

  buildTalk() {
    this.promise = el('p', { class: 'promise', testid: 'chat-promise', role: 'status', hidden: true });
    this.empty = el('p', { class: 'empty' }, this.words('empty'));
    this.note = el('p', { class: 'note', role: 'alert', testid: 'chat-refusal', hidden: true });
    this.question = el('div', { class: 'question', role: 'alertdialog', testid: 'chat-question', hidden: true });
    this.actions = this.buildActions();
    this.details = this.buildDetails();
    this.talkView = el('div', { class: 'talk' }, this.promise, this.empty, this.log.node, this.question, this.note, this.details,
      this.buildWriter(), this.actions);
    return this.talkView;
  }

  buildActions() {
    const action = (name, label, testid, onclick) => el('button', { type: 'button', class: 'action', testid, onclick }, icon(name), label);
    this.again = action('chat', this.words('new'), 'chat-new', () => this.startNew());
    this.urgent = action('alert', this.words('urgent'), 'chat-urgent', () => this.talk.ask({ type: 'urgency', urgency: 'high' }));
    this.calamity = action('alert', this.words('urgent.calamity'), 'chat-calamity', () => this.askFirst('calamity', { type: 'urgency', urgency: 'calamity' }));
    this.phone = action('phone', this.words('phone'), 'chat-ask-phone', () => this.talk.ask({ type: 'phone' }));
    this.end = action('close', this.words('end'), 'chat-end', () => this.askFirst('end', { type: 'close' }));
    return el('div', { class: 'actions', role: 'group', 'aria-label': this.words('more') }, this.phone, this.urgent, this.calamity, this.end, this.again);
  }

  buildDetails() {
    this.nameField = el('input', { type: 'text', autocomplete: 'name', maxlength: '80', testid: 'chat-name' });
    this.emailField = el('input', { type: 'email', autocomplete: 'email', maxlength: '254', testid: 'chat-email' });
    this.detailsSave = el('button', { type: 'button', class: 'plain', testid: 'chat-details-save', onclick: () => this.sendDetails() }, this.words('details.save'));
    return el('details', { class: 'details', testid: 'chat-details' },
      el('summary', {}, icon('mail'), this.words('details')),
      el('label', {}, this.words('details.name'), this.nameField),
      el('label', {}, this.words('details.email'), this.emailField),
      el('p', { class: 'hint' }, this.words('details.hint')), this.detailsSave);
  }

  buildWriter() {
    this.field = el('textarea', { rows: '1', testid: 'chat-input', 'aria-label': this.words('write'), placeholder: this.words('write'), enterkeyhint: 'send' });
    this.field.addEventListener('input', () => this.fit());
    this.field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.send(); }
    });
    return el('form', { class: 'writer', onsubmit: (event) => { event.preventDefault(); this.send(); } },
      this.field, el('button', { type: 'submit', class: 'send', 'aria-label': this.words('send'), title: this.words('send'), testid: 'chat-send' }, icon('send')));
  }

  fit() {
    this.field.style.height = 'auto';
    this.field.style.height = `${Math.min(this.field.scrollHeight, 132)}px`;
  }

  toggle() { if (this.isOpen) this.close(); else this.open(); }

  // Opens the window: with `{ group }` or `{ person }` to write to them, without to choose or go on.
  open(to, name) {
    this.talk.start();
    this.isOpen = true;
    this.unread = 0;
    this.showUnread();
    this.panel.hidden = false;
    this.launcher.setAttribute('aria-expanded', 'true');
    this.launcher.classList.add('is-open');
    const contact = this.talk.contact;
    const goesOn = contact && contact.state !== 'closed';
    if (to && !goesOn) this.choose(to, name);
    else if (contact || this.talk.pending.items.length) this.showView('talk');
    this.shadowRoot.querySelector(this.view === 'talk' ? 'textarea' : '.choice, .icon-button')?.focus({ preventScroll: true });
    this.log.scroll();
  }

  close() {
    this.isOpen = false;
    this.panel.hidden = true;
    this.launcher.setAttribute('aria-expanded', 'false');
    this.launcher.classList.remove('is-open');
    this.launcher.focus({ preventScroll: true });
  }

  showView(view) {
    this.view = view;
    this.home.hidden = view !== 'home';
    this.talkView.hidden = view !== 'talk';
    this.backButton.hidden = view === 'home';
    this.showHead();
    if (view === 'talk') this.log.scroll();
  }

  showHead() {
    const contact = this.to ? null : this.talk.contact;
    const isTalk = this.view === 'talk';
    const name = isTalk ? (this.toName ?? contact?.addressee ?? this.company) : this.company;
    this.headName.textContent = name ?? this.words('launcher');
    this.headLine.textContent = isTalk && contact ? this.standingWords(contact) : '';
  }

  standingWords(contact) {
    const state = this.words(`state.${contact.state}`, { name: contact.owner ?? '' });
    const others = contact.people.slice(1);
    const urgency = ['high', 'calamity'].includes(contact.urgency) ? this.words(`urgency.${contact.urgency}`) : null;
    const also = others.length ? this.words('with', { names: others.join(', ') }) : null;
    const hint = contact.state === 'closed' ? this.words('state.closed.hint') : null;
    return [urgency, state, also, hint].filter(Boolean).join(' · ');
  }

  showStanding(contact) {
    const isOpen = contact !== null && contact.state !== 'closed';
    if (isOpen) { this.to = null; this.toName = undefined; }
    const isNew = this.to !== null || contact === null;
    this.promise.hidden = isNew || !contact?.promise;
    if (contact?.promise) this.promise.textContent = this.words(`promise.${contact.promise.kind}`, { at: contact.promise.at });
    for (const button of [this.phone, this.urgent, this.calamity, this.end]) button.hidden = isNew || !isOpen;
    if (contact?.urgency === 'calamity') this.calamity.hidden = this.urgent.hidden = true;
    if (contact?.urgency === 'high') this.urgent.hidden = true;
    this.again.hidden = isNew || isOpen;
    this.detailsSave.hidden = isNew;
    this.field.placeholder = this.words(contact && !isOpen && !isNew ? 'write.closed' : 'write');
    this.empty.hidden = !isNew || this.talk.pending.items.length > 0;
    this.log.node.hidden = this.to !== null && this.talk.pending.items.length === 0;
    if (this.isOpen && contact && this.view === 'home' && isOpen && !this.wentHome) this.showView('talk');
    this.showHead();
    this.showBoard();
  }

  takeBoard(board) {
    this.board = board;
    this.company = board.company;
    this.showHead();
    this.showBoard();
    this.dispatchEvent(new CustomEvent('bereik-board', { detail: board }));
  }

  showBoard() {
    if (!this.board) return;
    // A choice that stays the same keeps its button.
    const before = this.choices ?? new Map();
    this.choices = new Map();
    const keep = (id, text, make) => {
      const kept = before.get(id);
      const one = kept?.text === text ? kept : { text, node: make() };
      this.choices.set(id, one);
      return one.node;
    };
    const focused = this.shadowRoot.activeElement?.dataset.choice;
    const choice = (id, to, name, line, standing, image) => keep(id, [name, line, standing].join('\n'), () => {
      const button = el('button', { type: 'button', class: 'choice', testid: `chat-choice-${id}`, 'data-choice': id, onclick: () => this.choose(to, name) },
        image, el('span', { class: 'choice-words' }, el('strong', {}, name), el('span', { class: `standing ${standing ?? ''}` }, line)));
      return button;
    });
    const nodes = [];
    const contact = this.talk.contact;
    if (contact) {
      const line = this.standingWords(contact);
      nodes.push(keep('current', [contact.id, contact.addressee, line].join('\n'), () => el('button', { type: 'button', class: 'choice current', testid: 'chat-choice-current', 'data-choice': 'current', onclick: () => { this.to = null; this.toName = undefined; this.showStanding(this.talk.contact); this.showView('talk'); } },
        el('span', { class: 'avatar tint-0' }, icon('chat')), el('span', { class: 'choice-words' }, el('strong', {}, contact.addressee), el('span', { class: 'standing' }, line)))));
    }
    if (!contact || contact.state === 'closed') {
      nodes.push(choice('anyone', {}, this.words('anyone'), this.words('anyone.hint'), '', el('span', { class: 'avatar tint-0' }, icon('people'))));
      for (const group of this.board.groups) nodes.push(choice(group.id, { group: group.id }, group.name, standingOf(group, this.words), group.standing, avatar(group.name, group.standing)));
      for (const person of this.board.people) nodes.push(choice(person.id, { person: person.id }, person.name, standingOf(person, this.words), person.standing, avatar(person.name, person.standing)));
    }
    arrange(this.list, nodes);
    if (focused && this.shadowRoot.activeElement?.dataset.choice !== focused) this.list.querySelector(`[data-choice="${CSS.escape(focused)}"]`)?.focus();
  }

  choose(to, name) {
    this.to = to;
    this.toName = name;
    this.details.hidden = false;
    this.details.open = false;
    this.showStanding(this.talk.contact);
    this.showView('talk');
    this.field.focus({ preventScroll: true });
  }

  startNew() {
    this.to = null;
    this.toName = undefined;
    this.showView('home');
    this.showBoard();
    this.list.querySelector('[data-choice="anyone"]')?.focus();
  }

  send() {
    const text = this.field.value.trim();
    if (!text) return;
    this.note.hidden = true;
    const isNew = this.to !== null || (!this.talk.contact && this.talk.pending.items.length === 0);
    const details = {};
    if (isNew) {
      details.name = this.nameField.value.trim() || undefined;
      details.email = this.emailField.value.trim() || undefined;
      if (details.email && !this.emailField.checkValidity()) { this.say(this.words('details.email.bad')); this.details.open = true; this.emailField.focus(); return; }
      if (details.name || details.email) this.details.hidden = true;
      this.log.clear();
    }
    this.talk.say(text, this.to ?? (isNew ? {} : null), details);
    this.log.node.hidden = false;
    this.empty.hidden = true;
    this.field.value = '';
    this.fit();
    this.log.scroll();
  }

  sendDetails() {
    if (!this.emailField.checkValidity()) { this.say(this.words('details.email.bad')); this.emailField.focus(); return; }
    const [name, email] = [this.nameField.value.trim(), this.emailField.value.trim()];
    if (!name && !email) return;
    // Without a connection the form stays, to be sent later.
    if (this.talk.ask({ type: 'name', name, email })) this.details.hidden = true;
  }

  takeEntry(entry) {
    if (this.to === null) {
      this.empty.hidden = true;
      this.log.node.hidden = false;
    }
    const isNew = this.log.take(entry);
    const isTheirs = entry.what === 'message' && entry.from !== 'you';
    if (isNew && isTheirs && entry.live && !this.isOpen) { this.unread += 1; this.showUnread(); }
  }

  showUnread() {
    this.badge.hidden = this.unread === 0;
    this.badge.textContent = this.unread;
    this.launcher.setAttribute('aria-label', this.unread ? this.words('launcher.unread', { count: this.unread }) : this.words('launcher'));
  }

  showConnection(isUp) {
    if (isUp) {
      clearTimeout(this.offlineTimer);
      this.offlineTimer = undefined;
      this.offline.hidden = true;
    } else {
      // A cut that mends at once is not worth a word.
      this.offlineTimer ??= setTimeout(() => { this.offline.hidden = false; }, 1200);
    }
    this.toggleAttribute('connected', isUp);
  }

  refuse(frame, item) {
    const values = { seconds: frame.retry_after_s ?? '', max: this.talk.bytesMax ?? '' };
    const key = `refused.${frame.reason}`;
    const words = this.words(key in TEXTS[this.language] ? key : 'refused.other', values);
    if (item) { item.reason = words; this.log.pend(item); }
    this.say(words);
  }

  say(words) {
    this.note.textContent = words;
    this.note.hidden = false;
    clearTimeout(this.noteTimer);
    this.noteTimer = setTimeout(() => { this.note.hidden = true; }, 9000);
  }

  askFirst(subject, frame) {
    const yes = el('button', { type: 'button', class: subject === 'calamity' ? 'danger' : 'primary', testid: 'chat-yes', onclick: () => { this.question.hidden = true; this.talk.ask(frame); this.field.focus(); } }, this.words(`${subject}.yes`));
    const no = el('button', { type: 'button', class: 'plain', testid: 'chat-no', onclick: () => { this.question.hidden = true; this.field.focus(); } }, this.words(`${subject}.no`));
    const words = this.words(`${subject}.ask`);
    this.question.setAttribute('aria-label', words);
    this.question.replaceChildren(el('p', {}, words), el('div', { class: 'buttons' }, no, yes));
    this.question.hidden = false;
    no.focus();
  }
}
