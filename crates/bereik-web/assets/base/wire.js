// A socket that comes back: it knocks again after a cut, and notices one that has gone silent.

const SILENT_MS_MAX = 50_000;
const PAUSE_MS_MAX = 15_000;
const FULL_MS = 30_000;
const TRY_AGAIN_LATER = 1013;

class Wire {
  constructor(address, hooks) {
    this.address = address;
    this.hooks = hooks;
    this.tries = 0;
    this.stopped = false;
    this.onwake = () => { if (!this.isOpen() && !this.stopped) this.knock(0); };
    addEventListener('online', this.onwake);
    document.addEventListener('visibilitychange', this.onwake);
    this.connect();
  }

  isOpen() { return this.socket?.readyState === WebSocket.OPEN; }

  connect() {
    clearTimeout(this.timer);
    const before = this.socket;
    if (before) { before.onclose = before.onmessage = null; before.close(); }
    const socket = new WebSocket(this.address);
    this.socket = socket;
    socket.onopen = () => { this.heard(); this.hooks.open(); };
    socket.onmessage = (message) => {
      this.heard();
      const frame = JSON.parse(message.data);
      if (frame.type === 'beat') return;
      this.tries = 0;
      this.hooks.frame(frame);
    };
    socket.onclose = (event) => this.lost(event);
    this.heard();
  }

  heard() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => { this.socket.onclose = null; this.socket.close(); this.lost({ code: 0 }); }, SILENT_MS_MAX);
  }

  lost(event) {
    clearTimeout(this.silence);
    this.hooks.lost(event);
    if (this.stopped) return;
    const pause = event.code === TRY_AGAIN_LATER ? FULL_MS : Math.min(PAUSE_MS_MAX, 300 * 2 ** this.tries);
    this.knock(pause * (0.6 + 0.4 * Math.random()));
  }

  knock(pause) {
    clearTimeout(this.timer);
    this.tries += 1;
    this.timer = setTimeout(() => this.connect(), pause);
  }

  send(frame) {
    if (!this.isOpen()) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    removeEventListener('online', this.onwake);
    document.removeEventListener('visibilitychange', this.onwake);
    if (this.socket) { this.socket.onclose = null; this.socket.close(); }
  }
}

// The address of a socket beside a page or script that was loaded over http or https.
function socketAddress(name, base) {
  const url = new URL(name, base);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
