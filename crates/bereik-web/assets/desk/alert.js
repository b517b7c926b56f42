// What is offered to whoever sits here: a card for each, with the time that is left.

class Alerts {
  constructor(say, words, hooks) {
    this.say = say;
    this.words = words;
    this.hooks = hooks;
    this.known = new Set();
    this.shown = new Map();
    this.title = document.title;
    this.node = el('section', { class: 'alerts', role: 'region', 'aria-label': words('alert.title'), 'aria-live': 'assertive', testid: 'desk-alerts' });
    setInterval(() => this.tick(), 500);
  }

  take(offers) {
    const fresh = offers.filter((offer) => !this.known.has(offer.id));
    this.known = new Set(offers.map((offer) => offer.id));
    // An offer keeps its card and the card its buttons, whatever else changes.
    const before = this.shown;
    this.shown = new Map(offers.map((offer) => [offer.id, before.get(offer.id) ?? this.card(offer)]));
    for (const offer of offers) this.fill(this.shown.get(offer.id), offer);
    this.cards = [...this.shown.values()];
    arrange(this.node, this.cards);
    document.title = offers.length ? `(${offers.length}) ${this.title}` : this.title;
    if (fresh.length) this.ring();
    this.tick();
  }

  card(offer) {
    const { contact } = offer;
    return el('article', { testid: `desk-alert-${contact.id}`, 'data-until': offer.until, 'data-since': offer.made_at },
      el('div', { class: 'alert-words' }),
      el('div', { class: 'alert-buttons' },
        el('span', { class: 'left', 'aria-hidden': 'true' }),
        el('button', { type: 'button', class: 'plain', testid: `desk-decline-${contact.id}`, onclick: () => this.hooks.decline(offer) }, this.words('alert.decline')),
        el('button', { type: 'button', class: 'primary', testid: `desk-accept-${contact.id}`, onclick: () => this.hooks.accept(offer) }, this.words('alert.accept'))),
      el('span', { class: 'bar', 'aria-hidden': 'true' }));
  }

  fill(card, offer) {
    const { contact } = offer;
    const name = customerOf(contact, this.words);
    const title = offer.role === 'participant' ? this.words('alert.join', { name }) : this.words('alert.asks', { name, addressee: contact.addressee });
    card.className = `alert ${contact.urgency}`;
    card.querySelector('.alert-words').replaceChildren(...[
      el('h3', {}, title, ' ', urgencyTag(contact, this.words)),
      contact.page ? el('p', { class: 'alert-page', testid: 'desk-alert-page' }, this.words('alert.page', { page: contact.page })) : null,
      offer.line ? el('p', { class: 'alert-page' }, this.words('alert.line', { line: offer.line })) : null,
      offer.words ? el('blockquote', { testid: 'desk-alert-words' }, offer.words) : null,
    ].filter(Boolean));
  }

  tick() {
    for (const card of this.cards ?? []) {
      const [since, until] = [Date.parse(card.dataset.since), Date.parse(card.dataset.until)];
      const left = Math.max(0, until - this.say.now());
      card.querySelector('.left').textContent = this.words('alert.left', { seconds: Math.ceil(left / 1000) });
      card.querySelector('.bar').style.setProperty('--left', Math.min(1, left / Math.max(1, until - since)));
    }
  }

  // Two short tones, where the browser allows sound.
  ring() {
    try {
      this.audio ??= new AudioContext();
      for (const [pause, pitch] of [[0, 660], [0.18, 880]]) {
        const [tone, gain] = [this.audio.createOscillator(), this.audio.createGain()];
        const at = this.audio.currentTime + pause;
        tone.frequency.value = pitch;
        gain.gain.setValueAtTime(0.0001, at);
        gain.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
        gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.16);
        tone.connect(gain).connect(this.audio.destination);
        tone.start(at);
        tone.stop(at + 0.17);
      }
    } catch { /* silence; the card is there */ }
  }
}
