// HID usages by KeyboardEvent.code, as the SDK numbers keys.
const KEYS = {
  Enter: 40, Escape: 41, Backspace: 42, Tab: 43, Space: 44, Minus: 45, Equal: 46,
  BracketLeft: 47, BracketRight: 48, Backslash: 49, Semicolon: 51, Quote: 52,
  Backquote: 53, Comma: 54, Period: 55, Slash: 56, CapsLock: 57, PrintScreen: 70,
  ScrollLock: 71, Pause: 72, Insert: 73, Home: 74, PageUp: 75, Delete: 76, End: 77,
  PageDown: 78, ArrowRight: 79, ArrowLeft: 80, ArrowDown: 81, ArrowUp: 82,
  NumLock: 83, NumpadDivide: 84, NumpadMultiply: 85, NumpadSubtract: 86,
  NumpadAdd: 87, NumpadEnter: 88, Numpad0: 98, NumpadDecimal: 99, ContextMenu: 101,
  AudioVolumeMute: 127, AudioVolumeUp: 128, AudioVolumeDown: 129, ControlLeft: 224,
  ShiftLeft: 225, AltLeft: 226, MetaLeft: 227, ControlRight: 228, ShiftRight: 229,
  AltRight: 230, MetaRight: 231, MediaTrackNext: 258, MediaTrackPrevious: 259,
  MediaStop: 260, MediaPlayPause: 261, MediaSelect: 263, Digit0: 39,
};
for (let i = 0; i < 26; i++) KEYS[`Key${String.fromCharCode(65 + i)}`] = 4 + i;
for (let i = 1; i < 10; i++) KEYS[`Digit${i}`] = 29 + i;
for (let i = 1; i < 10; i++) KEYS[`Numpad${i}`] = 88 + i;
for (let i = 1; i < 13; i++) KEYS[`F${i}`] = 57 + i;
for (let i = 13; i < 20; i++) KEYS[`F${i}`] = 91 + i;

// Bits of the SDK's gamepad state, by the numbers of a browser's standard gamepad.
const PAD_BITS = [
  0x1000, 0x2000, 0x4000, 0x8000, 0x100, 0x200, 0, 0, 0x20, 0x10, 0x40, 0x80,
  0x1, 0x2, 0x4, 0x8, 0x400,
];
// JupyterLab shows the kernel as busy at each message, and loads its icon anew for that:
// while all goes well, and once a second of it has passed, reports are rare.
const REPORT_MS = 200;
const RARE_REPORT_MS = 1000;
const SOON_REPORTS = 5;
// A picture that is so much later than the promptest one is late; that one is forgotten
// by and by, as two clocks differ.
const LATE_MS = 100;
const FORGOTTEN_MS = 0.1;
const REPORTED_PAUSE_MS = 10;
const FIRST_PAUSE_MS = 300;
const NOTCH = 100;
const LINES_PER_NOTCH = 3;
const MOST_READY = 2;
const MOST_EVENTS = 200;
const SAMPLE_RATE = 48000;

function element(tag, name, parent, attributes = {}) {
  const made = document.createElement(tag);
  made.className = `parsec-nb-view-${name}`;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

function randomName() {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (n) =>
    n.toString(36)).join("-");
}

// Draws the pictures that came, one at each refresh of the browser's. Two that are
// decoded may wait for that, as lines and servers bunch them; newer ones replace older
// ones beyond that, and are counted.
function picture(canvas, filter) {
  const context = canvas.getContext("2d", { alpha: false });
  let waiting = null, decoding = false, ready = [], frame = 0, cleared = 0;
  const counts = { shown: 0, shownAt: 0, drawn: 0, dropped: 0 };

  async function decode() {
    while (waiting) {
      const next = waiting, before = cleared;
      waiting = null;
      try {
        next.bitmap = await createImageBitmap(
          new Blob([next.data], { type: "image/jpeg" }));
      } catch {
        continue;
      }
      if (cleared !== before) { next.bitmap.close(); continue; }
      if (ready.length === MOST_READY) {
        ready.shift().bitmap.close();
        counts.dropped += 1;
      }
      ready.push(next);
      frame = frame || requestAnimationFrame(draw);
    }
    decoding = false;
  }

  function draw() {
    if (performance.now() < ready[0].notBefore && ready.length === 1) {
      frame = requestAnimationFrame(draw);
      return;
    }
    const { bitmap, message } = ready.shift();
    frame = ready.length ? requestAnimationFrame(draw) : 0;
    const { width, height, turns } = message;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (turns) {
      context.translate(width / 2, height / 2);
      context.rotate((-turns * Math.PI) / 2);
      context.translate(-bitmap.width / 2, -bitmap.height / 2);
    }
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    const wanted = message.corrected ? "" : filter;
    if (canvas.style.filter !== wanted) canvas.style.filter = wanted;
    canvas.dataset.number = message.number;
    counts.shown = message.number;
    counts.shownAt = performance.now();
    counts.drawn += 1;
  }

  return {
    counts,
    // It is not drawn before so many milliseconds have passed, unless the next one comes.
    add(message, data, pause) {
      if (waiting) counts.dropped += 1;
      waiting = { message, data, notBefore: performance.now() + pause };
      if (!decoding) { decoding = true; decode(); }
    },
    clear() {
      waiting = null;
      cleared += 1;
      cancelAnimationFrame(frame);
      frame = 0;
      while (ready.length) ready.pop().bitmap.close();
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.fillRect(0, 0, canvas.width, canvas.height);
    },
  };
}

// Plays chunks of sound one after another.
function speaker() {
  let context = null, next = 0;
  return {
    on() { context = context || new AudioContext({ sampleRate: SAMPLE_RATE }); },
    off() { if (context) context.close(); context = null; next = 0; },
    play(data) {
      if (!context) return;
      const samples = new Int16Array(
        data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
      const chunk = context.createBuffer(2, samples.length / 2, SAMPLE_RATE);
      for (const side of [0, 1]) {
        const channel = chunk.getChannelData(side);
        for (let i = 0; i < channel.length; i++) {
          channel[i] = samples[2 * i + side] / 32768;
        }
      }
      const now = context.currentTime;
      // Late sound is made up for by a gap, early sound is left out.
      if (next > now + 0.5) return;
      if (next < now) next = now + 0.06;
      const source = context.createBufferSource();
      source.buffer = chunk;
      source.connect(context.destination);
      source.start(next);
      next += chunk.duration;
    },
  };
}

function pads(last, add) {
  for (const pad of navigator.getGamepads?.() ?? []) {
    if (!pad || pad.mapping !== "standard") continue;
    let bits = 0;
    pad.buttons.forEach((b, i) => { if (b.pressed) bits |= PAD_BITS[i] ?? 0; });
    // Browsers count down as positive, the SDK up.
    const axes = [0, 1, 2, 3].map((i) => Math.max(-32768, Math.min(32767,
      Math.round((pad.axes[i] ?? 0) * (i % 2 ? -32767 : 32767)))));
    const triggers = [6, 7].map((i) => Math.round((pad.buttons[i]?.value ?? 0) * 255));
    const state = [pad.index, bits, ...axes, ...triggers];
    if (String(last.get(pad.index)) !== String(state)) {
      last.set(pad.index, state);
      add(["pad", ...state]);
    }
  }
}

function render({ model, el }) {
  const texts = model.get("texts");
  const host = model.get("host");
  const takesInput = model.get("takes_input");
  const viewer = randomName();
  const abort = new AbortController();
  const listen = (target, types, call, options = {}) => {
    for (const type of types.split(" ")) {
      target.addEventListener(type, call, { signal: abort.signal, ...options });
    }
  };
  const say = (name, values = {}) => texts[name].replace(/\{(\w+)\}/g,
    (_, key) => ({ host, ...values })[key]);
  const send = (type, more = {}) => model.send({ type, viewer, ...more });

  const root = element("div", "root", el, {
    role: "group", "aria-label": say("name"), "data-input": "off", "data-live": "off",
  });
  root.classList.add("parsec-nb-view");
  const filterName = `parsec-nb-${viewer}`;
  root.insertAdjacentHTML("afterbegin",
    `<svg class="parsec-nb-view-filter" aria-hidden="true"><filter id="${filterName}"
      x="0" y="0" width="1" height="1" color-interpolation-filters="sRGB">
      <feColorMatrix type="matrix"/></filter></svg>`);
  root.querySelector("feColorMatrix").setAttribute("values", model.get("matrix"));
  const stage = element("div", "stage", root);
  const canvas = element("canvas", "screen", stage, {
    tabindex: "0", width: "1280", height: "720",
    role: takesInput ? "application" : "img",
    "aria-label": say(takesInput ? "screen" : "name"),
  });
  const message = element("p", "message", root, { role: "status" });
  const bar = element("div", "bar", root);
  const mode = element("span", "mode", bar, { role: "status" });
  const sound = element("button", "sound", bar, {
    type: "button", "aria-pressed": "false",
  });
  sound.textContent = texts.sound;
  const figures = element("span", "figures", bar);

  let input = false, live = false, relative = false, hidden = false, cursor = "";
  let inSight = false, visible = false, ended = false, heard = false;
  let events = [], flushing = 0, wheel = [0, 0], move = [0, 0];
  let drawnBefore = 0, figuresAt = performance.now(), reportedAt = 0;
  let soonReports = SOON_REPORTS, promptest = Infinity;
  const padStates = new Map();
  const screen = picture(canvas, `url("#${filterName}")`);
  const player = speaker();

  // What the frame tells of the input.
  function show() {
    let name = "off";
    if (!takesInput) name = "watching";
    else if (input && relative) {
      name = document.pointerLockElement === canvas ? "caught" : "catch";
    } else if (input) name = "on";
    const text = ended ? "" : say(name);
    if (mode.textContent !== text) mode.textContent = text;
    root.dataset.input = input ? "on" : "off";
    root.dataset.live = live ? "on" : "off";
    // JupyterLab sees keys before anything else does.
    if (input) canvas.setAttribute("data-lm-suppress-shortcuts", "true");
    else canvas.removeAttribute("data-lm-suppress-shortcuts");
    canvas.style.cursor = !input ? "" : hidden || relative ? "none" : cursor;
  }

  function flush() {
    flushing = 0;
    if (input) pads(padStates, (event) => events.push(event));
    const whole = wheel.map(Math.trunc);
    if (whole[0] || whole[1]) {
      wheel = wheel.map((value, i) => value - whole[i]);
      events.push(["wheel", ...whole]);
    }
    while (events.length) send("input", { events: events.splice(0, MOST_EVENTS) });
    // Gamepads have no events.
    if (input && navigator.getGamepads?.().some((pad) => pad)) {
      flushing = requestAnimationFrame(flush);
    }
  }

  function add(event) {
    if (!input) return;
    const last = events[events.length - 1];
    if (event[0] === "move" && last?.[0] === "move" && last[3] === event[3]) {
      if (event[3]) event = ["move", last[1] + event[1], last[2] + event[2], true];
      events.pop();
    }
    events.push(event);
    flushing = flushing || requestAnimationFrame(flush);
  }

  function start() {
    if (!takesInput || !live || input) return;
    input = true;
    show();
    flushing = flushing || requestAnimationFrame(flush);
  }

  function stop() {
    if (!input) return;
    input = false;
    cancelAnimationFrame(flushing);
    flushing = 0;
    events = [];
    wheel = [0, 0];
    for (const index of padStates.keys()) {
      send("input", { events: [["unplug", index]] });
    }
    padStates.clear();
    send("release");
    if (document.pointerLockElement === canvas) document.exitPointerLock();
    show();
  }

  function end(text) {
    ended = true;
    live = false;
    stop();
    player.off();
    // Nothing of the picture stays behind it.
    screen.clear();
    stage.hidden = bar.hidden = true;
    figures.textContent = "";
    message.textContent = text;
    show();
  }

  function key(event, down) {
    if (!input) {
      if (down && event.code === "Enter" && takesInput && live) {
        event.preventDefault();
        event.stopPropagation();
        start();
      }
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (event.code === "Escape") {
      if (down) stop();
      return;
    }
    const usage = KEYS[event.code];
    if (!usage || event.isComposing) return;
    const locks = (event.getModifierState("CapsLock") ? 1 : 0)
      | (event.getModifierState("NumLock") ? 2 : 0);
    if (usage === KEYS.CapsLock && /^(Mac|iP)/.test(navigator.platform)) {
      // Apple's browsers tell of each press once: down turns it on, up turns it off.
      add(["key", usage, true, locks]);
      down = false;
    }
    add(["key", usage, down, locks]);
    // macOS reports no release of keys that were pressed together with Command.
    if (!down && event.code.startsWith("Meta")) send("release");
  }

  function point(event) {
    if (relative) {
      if (document.pointerLockElement !== canvas) return;
      // Halves of a pixel are kept for the next move.
      move = [move[0] + event.movementX, move[1] + event.movementY];
      const whole = move.map(Math.trunc);
      move = move.map((value, i) => value - whole[i]);
      if (whole[0] || whole[1]) add(["move", ...whole, true]);
      return;
    }
    const box = canvas.getBoundingClientRect();
    const place = (at, start, size, pixels) => Math.max(0, Math.min(pixels - 1,
      Math.floor(((at - start) / size) * pixels)));
    add(["move", place(event.clientX, box.left, box.width, canvas.width),
      place(event.clientY, box.top, box.height, canvas.height), false]);
  }

  listen(canvas, "keydown", (event) => key(event, true));
  listen(canvas, "keyup", (event) => key(event, false));
  listen(canvas, "pointerdown", (event) => {
    if (!takesInput || !live) return;
    canvas.focus({ preventScroll: true });
    start();
    if (relative && document.pointerLockElement !== canvas) {
      Promise.resolve(canvas.requestPointerLock()).catch(() => {});
    } else if (!relative) canvas.setPointerCapture(event.pointerId);
    point(event);
  });
  // A mouse's second button, pressed with the first, has no pointerdown.
  listen(canvas, "mousedown mouseup", (event) => {
    if (!input) return;
    // The focus stays where pointerdown put it.
    event.preventDefault();
    if (event.button < 5) add(["button", event.button, event.type === "mousedown"]);
  });
  listen(canvas, "pointermove", point);
  // JupyterLab has a menu of its own, which would take the focus.
  listen(canvas, "contextmenu", (event) => {
    if (!input) return;
    event.preventDefault();
    event.stopPropagation();
  });
  listen(canvas, "wheel", (event) => {
    if (!input) return;
    event.preventDefault();
    const unit = [1, NOTCH / LINES_PER_NOTCH, NOTCH][event.deltaMode];
    wheel[0] += event.deltaX * unit;
    wheel[1] -= event.deltaY * unit;
    flushing = flushing || requestAnimationFrame(flush);
  }, { passive: false });
  listen(canvas, "blur", stop);
  listen(window, "blur", stop);
  listen(document, "pointerlockchange", () => {
    // The browser itself takes Escape then.
    if (document.pointerLockElement !== canvas && relative) stop();
    show();
  });
  listen(window, "gamepadconnected", () => {
    if (input) flushing = flushing || requestAnimationFrame(flush);
  });
  listen(window, "gamepaddisconnected", ({ gamepad }) => {
    if (padStates.delete(gamepad.index)) add(["unplug", gamepad.index]);
  });
  listen(window, "pagehide", () => { stop(); send("gone"); });
  listen(sound, "click", () => {
    const on = sound.getAttribute("aria-pressed") !== "true";
    sound.setAttribute("aria-pressed", String(on));
    if (on) player.on(); else player.off();
    send("sound", { on });
  });

  function look() {
    const now = inSight && document.visibilityState === "visible";
    if (now === visible) return;
    visible = now;
    soonReports = SOON_REPORTS;
    if (!visible) stop();
    send("visible", { visible });
  }
  // A page's first messages go to the main shell, which waits for the cell that runs;
  // later ones go to a subshell, once the kernel has made one.
  let asking = 0;
  function ask(pause) {
    send("hello");
    if (visible) send("visible", { visible });
    asking = setTimeout(() => { if (!heard && !ended) ask(2 * pause); }, pause);
  }
  listen(document, "visibilitychange", look);
  const observer = new IntersectionObserver((entries) => {
    inSight = entries[entries.length - 1].isIntersecting;
    look();
  });
  observer.observe(canvas);

  function report() {
    if (!visible || !live) return;
    reportedAt = performance.now();
    const { shown, shownAt, drawn, dropped } = screen.counts;
    const age = shown ? reportedAt - shownAt : 0;
    Object.assign(screen.counts, { shown: 0, drawn: 0, dropped: 0 });
    drawnBefore += drawn;
    soonReports = dropped ? SOON_REPORTS : Math.max(soonReports - 1, 0);
    send("report", { shown, age, drawn, dropped, within: untilReport() });
  }
  const untilReport = () => soonReports ? REPORT_MS : RARE_REPORT_MS;
  const reporting = setInterval(() => {
    if (performance.now() - reportedAt >= untilReport() + REPORT_MS) report();
  }, REPORT_MS);

  // Reports if that is due, and returns how long the picture that has come may wait.
  function arrived(sentAt) {
    const now = performance.now();
    promptest = Math.min(promptest + FORGOTTEN_MS, now - sentAt);
    if (screen.counts.dropped || now - sentAt - promptest > LATE_MS) {
      soonReports = SOON_REPORTS;
    }
    if (now - reportedAt < untilReport()) return 0;
    // A report holds up what comes in the 40 ms after it: the kernel answers it in two
    // small messages, and TCP keeps the second until the first is acknowledged (on
    // loopback, pictures below 64 KiB after it, too). Now is long before the next
    // picture; and if this one waits a little, the gap between them is shorter.
    report();
    return REPORTED_PAUSE_MS;
  }

  function tell(content) {
    const now = performance.now();
    const fps = Math.round((drawnBefore * 1000) / (now - figuresAt));
    drawnBefore = 0;
    figuresAt = now;
    const text = say("figures", { fps, ...content });
    figures.textContent = content.failing ? `${text} · ${texts.failing}` : text;
  }

  function point_at(content, data) {
    hidden = content.hidden;
    if (relative !== content.relative) {
      relative = content.relative;
      if (relative && input) {
        Promise.resolve(canvas.requestPointerLock()).catch(() => {});
      } else if (document.pointerLockElement === canvas) document.exitPointerLock();
    }
    const [width, height] = content.size;
    if (data && width && height && data.byteLength >= width * height * 4) {
      const image = document.createElement("canvas");
      Object.assign(image, { width, height });
      const pixels = new Uint8ClampedArray(
        data.buffer.slice(data.byteOffset, data.byteOffset + width * height * 4));
      image.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
      const [x, y] = content.hot_spot;
      cursor = `url(${image.toDataURL()}) ${x} ${y}, default`;
    }
    show();
  }

  function hear(content, buffers) {
    const data = buffers?.[0];
    if (content.type === "frame" && live && data) {
      if (message.textContent) message.textContent = "";
      screen.add(content, data, arrived(content.at));
    } else if (content.type === "sound" && data) player.play(data);
    else if (content.type === "figures" && live) tell(content);
    else if (content.type === "cursor") point_at(content, data);
    else if (content.type === "status") {
      heard = true;
      if (content.ended) { end(content.text); return; }
      live = content.live;
      if (!live) { stop(); screen.clear(); }
      message.textContent = live ? texts.waiting : content.text;
      show();
    }
  }
  model.on("msg:custom", hear);
  const lost = () => { if (!ended) end(texts.lost); };
  model.on("comm_live_update", lost);

  show();
  ask(FIRST_PAUSE_MS);
  return () => {
    stop();
    send("gone");
    abort.abort();
    observer.disconnect();
    clearInterval(reporting);
    clearTimeout(asking);
    player.off();
    screen.clear();
    model.off("msg:custom", hear);
    model.off("comm_live_update", lost);
  };
}

export default { render };
