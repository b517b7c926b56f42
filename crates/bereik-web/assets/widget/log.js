// The conversation as it is shown: every entry once, in the order of its number; what is not yet kept stands last.

class Log {
  constructor(words, retry) {
    this.words = words;
    this.retry = retry;
    this.seen = 0;
    this.node = el('ol', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', testid: 'chat-log', tabindex: '0' });
    this.waiting = new Map();
    this.byMessage = new Map();
    this.asides = new Set();
  }

  clear() {
    this.seen = 0;
    this.byMessage.clear();
    this.node.replaceChildren(...this.waiting.values());
  }

  // Whether the entry was new.
  take(entry) {
    if (entry.number <= this.seen) return false;
    this.seen = entry.number;
    const known = entry.message ? this.byMessage.get(entry.message) : undefined;
    if (known) {
      if (this.byMessage.size === 1) this.node.prepend(known);
      else this.before(known);
      known.dataset.number = entry.number;
      known.querySelector('.when').textContent = entry.clock;
      return false;
    }
    const node = entry.what === 'message' ? this.bubble(entry) : this.notice(entry);
    node.dataset.number = entry.number;
    if (entry.message) this.byMessage.set(entry.message, node);
    // The message that opened the contact is written after what came of it; it is read before.
    const opens = entry.what === 'message' && entry.from === 'you' && this.byMessage.size === 1;
    if (opens) this.node.prepend(node);
    else this.before(node);
    return true;
  }

  // Puts a node after the last entry and before what is waiting.
  before(node) {
    const stays = this.atEnd();
    const first = this.waiting.values().next().value ?? null;
    this.node.insertBefore(node, first);
    if (stays) this.scroll();
  }

  atEnd() { return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 80; }

  scroll() { this.node.scrollTop = this.node.scrollHeight; }

  bubble(entry) {
    const text = entry.text === null ? el('em', {}, this.words('removed')) : linkified(entry.text);
    const mine = entry.from === 'you';
    const name = mine ? this.words('from.you') : entry.from === 'software' ? this.words('from.software') : entry.name;
    return el('li', { class: `line ${mine ? 'mine' : 'theirs'}`, testid: mine ? 'chat-message-own' : 'chat-message' },
      mine ? null : avatar(name),
      el('div', { class: 'stack' },
        el('span', { class: mine ? 'who hidden' : 'who' }, name),
        el('div', { class: 'bubble', testid: 'chat-message-text' }, text),
        el('span', { class: 'meta' }, el('span', { class: 'when' }, entry.clock ?? ''), el('span', { class: 'state' }))));
  }

  notice(entry) {
    const text = entry.notice ? this.words(entry.notice, { name: entry.name ?? '' }) : entry.text;
    const call = entry.phone ? el('a', { class: 'call', href: entry.phone.href, testid: 'chat-phone' }, icon('phone'),
      this.words('phone.call', { number: entry.phone.number })) : null;
    return el('li', { class: 'notice', testid: 'chat-notice' }, el('span', {}, text), call);
  }

  // A message that is not part of the timeline; given twice, it is shown once.
  aside({ id, text }) {
    if (this.asides.has(id)) return;
    this.asides.add(id);
    this.before(this.notice({ text }));
  }

  // Shows a pending message, with its state.
  pend(item) {
    let node = this.waiting.get(item.key);
    if (!node) {
      node = this.bubble({ from: 'you', text: item.text, clock: '' });
      this.waiting.set(item.key, node);
      this.node.append(node);
      this.scroll();
    }
    const state = node.querySelector('.state');
    node.classList.toggle('failed', item.state === 'failed');
    if (item.state === 'failed') {
      state.replaceChildren(`${item.reason ?? this.words('failed')} `,
        el('button', { type: 'button', class: 'retry', testid: 'chat-retry', onclick: () => this.retry(item) }, this.words('failed.retry')));
    } else {
      state.replaceChildren(this.words('sending'));
    }
  }

  // A pending message is kept: the entry of that message, if it is here already, stands for it.
  keep(key, message) {
    const node = this.waiting.get(key);
    if (!node) return;
    this.waiting.delete(key);
    if (message === null || this.byMessage.has(message)) { node.remove(); return; }
    this.byMessage.set(message, node);
    node.querySelector('.state').replaceChildren(icon('check'), this.words('sent'));
    this.before(node);
  }

  drop(key) {
    this.waiting.get(key)?.remove();
    this.waiting.delete(key);
  }
}
