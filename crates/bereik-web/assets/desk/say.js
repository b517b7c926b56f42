// Facts in words: what happened, who was asked, why, and why not the others.

class Say {
  constructor(words, language) {
    this.words = words;
    this.language = language;
    this.people = new Map();
    this.groups = new Map();
    this.lines = new Map();
    this.zone = undefined;
    this.skew = 0;
  }

  learn(welcome) {
    const map = (names) => new Map(names.map(({ id, name }) => [id, name]));
    this.people = map(welcome.people);
    this.groups = map(welcome.groups);
    this.lines = map(welcome.lines);
    this.me = welcome.me;
    this.hasMeetings = welcome.has_meetings;
    this.skew = Date.parse(welcome.now) - Date.now();
    try { new Intl.DateTimeFormat(this.language, { timeZone: welcome.zone }); this.zone = welcome.zone; } catch { this.zone = undefined; }
  }

  // What time it is by the company's clock, which in a trial may stand elsewhere than ours.
  now() { return Date.now() + this.skew; }

  instant(text) {
    const at = new Date(text);
    const style = (options) => new Intl.DateTimeFormat(this.language === 'nl' ? 'nl-NL' : 'en-GB', { timeZone: this.zone, ...options });
    const day = style({ year: 'numeric', month: 'numeric', day: 'numeric' });
    const clock = style({ hour: '2-digit', minute: '2-digit' }).format(at);
    if (day.format(at) === day.format(new Date(this.now()))) return clock;
    const days = Math.abs(at - this.now()) / 86_400_000;
    return `${style(days < 6 && at > this.now() ? { weekday: 'long' } : { weekday: 'short', day: 'numeric', month: 'short' }).format(at)} ${clock}`;
  }

  clock(text) {
    return new Intl.DateTimeFormat('en-GB', { timeZone: this.zone, hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(text));
  }

  person(id) { return this.people.get(id) ?? id; }
  author(author) { return typeof author === 'string' ? this.words(`author.${author}`) : this.person(author.person); }
  by(author) { return this.words('by', { name: this.author(author) }); }
  names(ids) { return ids.map((id) => this.person(id)).join(', '); }
  offered(to) { return to.person !== undefined ? this.person(to.person) : `${to.line} (${this.lines.get(to.line) ?? ''})`; }
  addressee(to) { return to.group !== undefined ? this.groups.get(to.group) ?? to.group : to.skill ?? to.authors?.document ?? this.person(to.person); }
  promise({ kind, by }) { return this.words('promise', { what: this.words(`promise.${kind}`), at: this.instant(by) }); }

  // An enum variant, which is either a word or a word with what belongs to it.
  static variant(value) { return typeof value === 'string' ? [value, null] : Object.entries(value)[0]; }

  acknowledgement(value) {
    const [kind, held] = Say.variant(value);
    switch (kind) {
      case 'asking': return this.words('ack.asking', { at: this.instant(held.answer_by) });
      case 'still_asking': return this.words('ack.still_asking', { at: this.instant(held.answer_by) });
      case 'waiting': return this.words('ack.waiting', { at: this.instant(held.answer_by), ahead: held.ahead });
      case 'nobody_reachable': return held.back_at ? this.words('ack.nobody_reachable.at', { at: this.instant(held.back_at) }) : this.words('ack.nobody_reachable');
      case 'on_the_list': return this.words('ack.on_the_list', { at: this.instant(held.next_try_at) });
      case 'answer_elsewhere': return held.answer_by ? this.words('ack.answer_elsewhere.at', { at: this.instant(held.answer_by) }) : this.words('ack.answer_elsewhere');
      case 'incident_known': case 'incident_word_late': case 'next_word': return this.words(`ack.${kind}`, { at: this.instant(held.next_word_by) });
      case 'still_there': return this.words('ack.still_there', { at: this.instant(held.kept_until) });
      case 'triage_asked': return this.words('ack.triage_asked', { at: this.instant(held.go_on_at) });
      case 'goes_on_over': return this.words('ack.goes_on_over', { name: this.person(held.person), channel: held.channel.replace('_', ' ') });
      case 'back_over': return this.words('ack.back_over', { channel: held.replace('_', ' ') });
      case 'phone_offered': return this.words('ack.phone_offered', { number: this.lines.get(held.line) ?? held.line });
      default: return this.words(`ack.${kind}`, { name: typeof held === 'string' ? this.person(held) : '' });
    }
  }

  excluded(value) {
    const [kind, held] = Say.variant(value);
    switch (kind) {
      case 'wrapping_up': return this.words('excluded.wrapping_up', { at: this.clock(held) });
      case 'cooling_down': return this.words('excluded.cooling_down', { at: this.clock(held) });
      case 'lacks_skill': return this.words('excluded.lacks_skill', { skill: held });
      case 'not_reachable': return this.words('excluded.not_reachable', { reason: this.words(`reason.${held}`) });
      case 'other_first': return this.words('excluded.other_first', { key: this.words(`key.${held}`) });
      default: return this.words(`excluded.${kind}`);
    }
  }

  chosen({ circle, chosen, decided_by: key, counts, excluded }) {
    const lines = [chosen.length ? this.words('chosen.all', { names: this.names(chosen) }) : this.words('chosen.none')];
    if (key && chosen.length) lines.push(this.words('chosen.because', { name: this.names(chosen), key: this.words(`key.${key}`) }));
    for (const [id, why] of excluded) lines.push(`${this.person(id)}: ${this.excluded(why)}`);
    if (counts && counts.considered > chosen.length + excluded.length) lines.push(this.words('chosen.counts', counts));
    return [this.words('fact.chosen', { circle }), lines];
  }

  opened(fact) {
    const lines = [];
    if (fact.customer.name) lines.push(fact.customer.name);
    if (fact.page) lines.push(this.words('fact.opened.page', { page: fact.page }));
    if (fact.page_match) lines.push(this.words('fact.opened.row', fact.page_match));
    else if (fact.page) lines.push(this.words('fact.opened.no_row'));
    const values = { addressee: this.addressee(fact.addressee), channel: fact.channel.replace('_', ' '), urgency: this.words(`urgency.${fact.urgency}`) };
    return [this.words('fact.opened', values), lines];
  }

  // A fact as a line and the lines below it. `offers` tells to whom each offer went.
  fact(fact, offers) {
    switch (fact.type) {
      case 'acknowledged': return [this.words('fact.acknowledged', { text: this.acknowledgement(fact.acknowledgement) }), []];
      case 'chosen': return this.chosen(fact.explanation);
      case 'opened': return this.opened(fact);
      case 'offered': {
        const { offer } = fact;
        return [this.words('fact.offered', { offer: `O${offer.id}`, name: this.offered(offer.to), channel: offer.channel.replace('_', ' '), at: this.clock(offer.until) }), []];
      }
      case 'offer_ended': return [this.words('fact.offer_ended', { offer: `O${fact.offer}`, name: offers.get(fact.offer) ?? '', outcome: this.words(`outcome.${fact.outcome}`) }), []];
      case 'promised': return [this.words('fact.promised', { what: this.words(`promise.${fact.promise.kind}`), at: this.instant(fact.promise.by) }), []];
      case 'said': return [this.words(fact.kind === 'note' ? 'fact.said.note' : 'fact.said', { by: this.by(fact.author) }), []];
      case 'state_changed': return [this.words('fact.state_changed', { state: this.words(`state.${Say.variant(fact.state)[0]}`) }), []];
      case 'urgency_changed': return [this.words('fact.urgency_changed', { urgency: this.words(`urgency.${fact.urgency}`), by: this.by(fact.by) }), []];
      case 'customer_named': {
        const { name, addresses } = fact.customer;
        return [this.words('fact.customer_named', { text: [name, ...addresses.filter((one) => !one.startsWith('web:')).map((one) => one.replace(/^\w+:/, ''))].filter(Boolean).join(', ') }), []];
      }
      case 'linked': case 'merged_from': case 'merged_into': case 'split_into': return [this.words(`fact.${fact.type}`, { contact: `C${fact.contact}` }), []];
      case 'incident_closed': case 'incident_declared': case 'incident_led': case 'incident_linked': case 'incident_word_missed':
        return [this.words(`fact.${fact.type}`, { ...fact, incident: `I${fact.incident}` }), []];
      case 'leg_added': return [this.words('fact.leg_added', { channel: fact.channel.replace('_', ' ') }), []];
      case 'triaged': return [this.words('fact.triaged', { addressee: this.addressee(fact.addressee) }), []];
      case 'abandoned': case 'customer_known': case 'customer_left': case 'need_known': return [this.words(`fact.${fact.type}`, fact), []];
      case 'requested': return [this.words(`fact.requested.${fact.kind}`, { name: this.addressee(fact.whom), by: this.by(fact.by) }), []];
      case 'request_ended': return [this.words(`fact.request_ended.${fact.end}`, { name: this.addressee(fact.whom) }), []];
      case 'handed_over': return [this.words('fact.handed_over', { channel: fact.channel.replace('_', ' '), by: this.by(fact.by) }), []];
      case 'hand_over_failed': return [this.words('fact.hand_over_failed', { channel: fact.back_over.replace('_', ' ') }), []];
      case 'wrapping_up': return [this.words('fact.wrapping_up', { name: this.person(fact.person), at: this.clock(fact.until) }), []];
      case 'consult_began': case 'consult_ended': case 'owner_changed': case 'wrapped_up':
      case 'joined': case 'left': return [this.words(`fact.${fact.type}`, { name: this.person(fact.person) }), []];
      case 'late': return [this.words('fact.late', { name: this.author(fact.by) }), []];
      case 'closed': case 'reopened': case 'phone_asked': return [this.words(`fact.${fact.type}`, { by: this.by(fact.by) }), []];
      case 'breached': case 'warned': case 'customer_back': case 'customer_gone': case 'circle_widened': case 'level_skipped': case 'level_started': case 'predicted':
        return [this.words(`fact.${fact.type}`, fact), []];
      default: return [this.words('fact.other', { type: fact.type }), []];
    }
  }
}
