// Colleagues and how they stand, and the mails that were kept instead of sent.

class Side {
  constructor(say, words) {
    this.say = say;
    this.words = words;
    this.colleagues = el('ul', { class: 'people', testid: 'desk-colleagues' });
    this.mails = el('ul', { class: 'mails', testid: 'desk-outbox' });
    this.outbox = el('section', { hidden: true }, el('h2', {}, words('outbox')), el('p', { class: 'none' }, words('outbox.hint')), this.mails);
    this.node = el('aside', { class: 'pane side', 'aria-label': words('colleagues') }, el('section', {}, el('h2', {}, words('colleagues')), this.colleagues), this.outbox);
    this.people = [];
  }

  takePeople(people) {
    this.people = people;
    this.colleagues.replaceChildren(...people.map((one) => el('li', { testid: `desk-person-${one.id}`, 'data-state': one.state },
      avatar(one.name, dotOf(one)), el('div', {}, el('strong', {}, one.name, one.id === this.say.me ? ` (${this.words('you')})` : ''), el('span', { class: `presence ${dotOf(one)}` }, this.stateOf(one))))));
  }

  stateOf(one) {
    const state = this.words(`presence.${one.state}`);
    return one.until ? this.words('presence.until', { state, at: this.say.instant(one.until) }) : state;
  }

  labelOf(id, name) {
    const one = this.people.find((person) => person.id === id);
    return one ? `${name} (${this.words(`presence.${one.state}`)})` : name;
  }

  takeMails(mails) {
    this.mails.replaceChildren(...(mails.length ? mails.map((mail) => el('li', {}, el('details', { testid: 'desk-mail' },
      el('summary', {}, el('strong', {}, mail.subject), el('span', {}, `${this.words('outbox.to', { to: mail.to })}, ${this.say.instant(mail.at)}`)), el('pre', {}, mail.text)))) : [el('li', { class: 'none' }, this.words('outbox.none'))]));
  }
}

function dotOf({ state, has_desk: hasDesk }) {
  if (['available', 'elsewhere', 'tentative'].includes(state)) return hasDesk ? 'available' : 'ready';
  return ['busy', 'do_not_disturb'].includes(state) ? 'busy' : 'away';
}
