// The list of contacts, and what a search by address found.

class List {
  constructor(say, words, hooks) {
    this.say = say;
    this.words = words;
    this.hooks = hooks;
    this.rows = [];
    this.found = null;
    this.kept = new Map();
    this.field = el('input', { type: 'search', testid: 'desk-search', placeholder: words('search.hint'), 'aria-label': words('search'), autocomplete: 'off' });
    this.field.addEventListener('search', () => { if (!this.field.value && this.found) { this.found = null; this.show(); } });
    this.heading = el('h2', {}, words('contacts'));
    this.back = el('button', { type: 'button', class: 'plain small', testid: 'desk-search-back', hidden: true, onclick: () => { this.found = null; this.field.value = ''; this.show(); } }, icon('back'), words('search.back'));
    this.items = el('ul', { class: 'rows', testid: 'desk-contacts' });
    this.none = el('p', { class: 'none' });
    this.node = el('section', { class: 'pane contacts', 'aria-label': words('contacts') },
      el('form', { class: 'search', role: 'search', onsubmit: (event) => { event.preventDefault(); if (this.field.value.trim()) hooks.search(this.field.value.trim()); } },
        this.field, iconButton('search', words('search'), 'desk-search-go', null)),
      el('div', { class: 'pane-head' }, this.heading, this.back), this.items, this.none);
    this.node.querySelector('.search .icon-button').type = 'submit';
  }

  take(rows) { this.rows = rows; this.show(); }
  takeFound(frame) { this.found = frame; this.show(); }
  row(id) { return this.rows.find((row) => row.id === id) ?? this.found?.rows.find((row) => row.id === id); }

  show() {
    const rows = this.found ? this.found.rows : this.rows;
    this.heading.textContent = this.found ? this.words('found', { address: this.found.address }) : this.words('contacts');
    this.back.hidden = !this.found;
    this.none.hidden = rows.length > 0;
    this.none.textContent = this.found ? this.words('found.none', { address: this.found.address }) : this.words('contacts.none');
    const before = this.kept;
    this.kept = new Map(rows.map((row) => [row.id, before.get(row.id) ?? this.item(row.id)]));
    for (const row of rows) this.fill(this.kept.get(row.id), row);
    arrange(this.items, [...this.kept.values()].map(({ node }) => node));
  }

  lastWord(row) {
    if (!row.last_word) return null;
    const [author, at] = row.last_word;
    const when = { at: this.say.instant(at) };
    if (typeof author === 'string') return this.words(`word.${author}`, when);
    return this.words('word.person', { name: this.say.person(author.person), ...when });
  }

  owner(row) {
    if (!row.people.length) return null;
    return row.people[0] === this.say.me ? this.words('owner.you') : this.words('owner', { name: this.say.person(row.people[0]) });
  }

  // A contact keeps its button, whatever is written on it.
  item(id) {
    const one = { row: null };
    one.button = el('button', { type: 'button', testid: `desk-contact-${id}`, 'data-contact': id, onclick: () => this.hooks.open(one.row) });
    one.node = el('li', {}, one.button);
    return one;
  }

  fill(one, row) {
    const name = customerOf(row, this.words);
    const waits = row.last_word?.[0] === 'customer' && row.people.includes(this.say.me) && row.id !== this.current;
    const detail = (text, extra) => (text ? el('span', { class: `detail ${extra ?? ''}` }, text) : null);
    one.row = row;
    one.button.className = `row ${row.id === this.current ? 'current' : ''} ${waits ? 'waits' : ''}`;
    if (row.id === this.current) one.button.setAttribute('aria-current', 'true');
    else one.button.removeAttribute('aria-current');
    one.button.replaceChildren(...[
      el('span', { class: 'row-top' }, el('strong', {}, name), el('span', { class: 'number' }, `C${row.id}`)),
      el('span', { class: 'row-mid' }, row.addressee, urgencyTag(row, this.words), el('span', { class: `tag state-${row.state}` }, this.words(`state.${row.state}`))),
      detail(this.owner(row)), detail(this.lastWord(row)), row.promise && row.state !== 'closed' ? detail(this.say.promise(row.promise), 'promise') : null,
    ].filter(Boolean));
  }
}

function customerOf(row, words) {
  if (row.customer) return row.customer;
  const address = row.addresses.find((one) => !one.startsWith('web:'));
  return address ? address.replace(/^\w+:/, '') : `${words('customer.none')} ${row.id}`;
}

function urgencyTag(row, words) {
  return ['high', 'calamity'].includes(row.urgency) ? el('span', { class: `tag urgency-${row.urgency}` }, words(`urgency.${row.urgency}`)) : null;
}
