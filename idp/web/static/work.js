/*
 * Solves the puzzle that a try costs while somebody guesses passwords (idp/domain/abuse/proof_of_work.py): finds the number
 * for which SHA-256 of the puzzle's name followed by it begins with so many zero bits. Without this script a short wait
 * does. Nothing leaves the browser but the form.
 */
(() => {
  "use strict";

  const PAUSE_AFTER = 40; // milliseconds: the page stays usable meanwhile
  const TRIES = 500;

  const puzzle = document.querySelector('input[name="puzzle"]');
  const solution = document.querySelector('input[name="solution"]');
  const status = document.getElementById("work");
  if (!puzzle || !solution || !solution.form) return;

  /* FIPS 180-4 sections 4.2.2 and 5.3.3: fractions of the roots of the first primes. */
  const primes = [];
  for (let candidate = 2; primes.length < 64; candidate += 1) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  const fraction = (root) => Math.floor((root - Math.floor(root)) * 4294967296) | 0;
  const START = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
  const ROUND = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
  const words = new Int32Array(64);

  /* Section 6.2.2: hashes the sixteen words at the beginning of `words` into `into`, going on from `from`. */
  function compress(from, into) {
    for (let i = 16; i < 64; i += 1) {
      const x = words[i - 15];
      const y = words[i - 2];
      const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      words[i] = (words[i - 16] + low + words[i - 7] + high) | 0;
    }
    let a = from[0], b = from[1], c = from[2], d = from[3], e = from[4], f = from[5], g = from[6], h = from[7];
    for (let i = 0; i < 64; i += 1) {
      const turnedE = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + turnedE + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
      const turnedA = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (turnedA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => { into[i] = word + from[i]; });
  }

  /* Fills `words` with a block of `text`, which begins after `before` bytes; the last one is padded (section 5.1.1). */
  function fill(text, before, padded) {
    words.fill(0, 0, 16);
    for (let i = 0; i < text.length; i += 1) words[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
    if (!padded) return;
    words[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
    words[15] = 8 * (before + text.length);
  }

  function name(text) {
    const state = Int32Array.from(START);
    let at = 0;
    for (; text.length - at >= 64; at += 64) {
      fill(text.slice(at, at + 64), at, false);
      compress(state, state);
    }
    const rest = text.slice(at);
    if (rest.length >= 56) throw new RangeError("a puzzle has no length whose padding takes a block of its own");
    fill(rest, at, true);
    compress(state, state);
    return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  const form = solution.form;
  const bits = Number(puzzle.dataset.bits);
  const middle = new Int32Array(8);
  const digest = new Int32Array(8);
  fill(name(puzzle.value), 0, false);
  compress(START, middle);
  let number = 0;
  let asked = false;
  let pressed = null;

  /* Safari knows neither `requestSubmit` before 16 nor `submitter` before 15.4. */
  function send() {
    if (form.requestSubmit) form.requestSubmit(pressed);
    else (pressed || form.querySelector('button[type="submit"]')).click();
  }

  function search() {
    const until = performance.now() + PAUSE_AFTER;
    while (performance.now() < until) {
      for (let tries = 0; tries < TRIES; tries += 1, number += 1) {
        fill(String(number), 64, true);
        compress(middle, digest);
        if (digest[0] >>> (32 - bits) === 0) {
          solution.value = String(number);
          if (asked) send();
          return;
        }
      }
    }
    setTimeout(search, 0);
  }

  form.addEventListener("submit", (event) => {
    if (solution.value) return;
    event.preventDefault();
    asked = true;
    pressed = event.submitter || null;
    if (status) status.hidden = false;
  });
  search();
})();
