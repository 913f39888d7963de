/*
 * The frame of OpenID Connect Session Management 1.0 section 3.2: tells a service in the same browser whether its
 * session state is still that of this provider. ECMAScript 5, nothing of a secure context: old and scripted browsers
 * load it too. Nothing leaves the browser.
 */
(function () {
  'use strict';

  var MESSAGE = /^(\S+) ([0-9a-f]{64})\.([A-Za-z0-9_-]{1,128})$/;

  /* FIPS 180-4 section 4.2.2. */
  var K = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
  ];

  function rotated(word, bits) {
    return (word >>> bits) | (word << (32 - bits));
  }

  /* The message as 32-bit words, padded (section 5.1.1). */
  function padded(text) {
    var bytes = unescape(encodeURIComponent(text)), words = [], at;
    for (at = 0; at < bytes.length; at += 1) {
      words[at >> 2] |= bytes.charCodeAt(at) << (24 - (at % 4) * 8);
    }
    words[at >> 2] |= 0x80 << (24 - (at % 4) * 8);
    at = (((at + 8) >> 6) + 1) * 16;
    words[at - 1] = bytes.length * 8;
    return words;
  }

  /* Section 6.2: one block of 16 words changes the state. */
  function compress(state, block) {
    var w = block.slice(0), v = state.slice(0), at, one, two;
    for (at = 0; at < 64; at += 1) {
      if (at > 15) {
        one = w[at - 15];
        two = w[at - 2];
        w[at] = (w[at - 16] + (rotated(one, 7) ^ rotated(one, 18) ^ (one >>> 3)) +
          w[at - 7] + (rotated(two, 17) ^ rotated(two, 19) ^ (two >>> 10))) | 0;
      }
      one = v[7] + (rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25)) +
        ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[at] + (w[at] | 0);
      two = (rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22)) +
        ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
      v = [(one + two) | 0, v[0], v[1], v[2], (v[3] + one) | 0, v[4], v[5], v[6]];
    }
    for (at = 0; at < 8; at += 1) {
      state[at] = (state[at] + v[at]) | 0;
    }
  }

  function sha256(text) {
    var state = [
      0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
    ], words = padded(text), block, hex = '', at, next;
    for (at = 0; at < words.length; at += 16) {
      block = [];
      for (next = 0; next < 16; next += 1) {
        block[next] = words[at + next] | 0;
      }
      compress(state, block);
    }
    for (at = 0; at < 8; at += 1) {
      hex += ('00000000' + (state[at] >>> 0).toString(16)).slice(-8);
    }
    return hex;
  }

  /* The value of a cookie, or null. */
  function cookie(name) {
    var pairs = document.cookie.split(/; */), at;
    for (at = 0; at < pairs.length; at += 1) {
      if (pairs[at].indexOf(name + '=') === 0) {
        return pairs[at].slice(name.length + 1);
      }
    }
    return null;
  }

  function status(message, origin) {
    var names = document.body, parts = typeof message === 'string' ? MESSAGE.exec(message) : null, state;
    if (!parts) {
      return 'error';
    }
    state = cookie(names.getAttribute('data-state'));
    if (state === null && cookie(names.getAttribute('data-visited')) === null) {
      /* Not even the mark of a visit can be read: the browser keeps cookies from frames. Nobody knows, then. */
      return 'error';
    }
    return sha256(parts[1] + ' ' + origin + ' ' + (state || '') + ' ' + parts[3]) === parts[2] ? 'unchanged' : 'changed';
  }

  window.addEventListener('message', function (event) {
    var answer;
    try {
      answer = status(event.data, event.origin);
    } catch (failure) {
      answer = 'error';
    }
    if (event.source && event.origin && event.origin !== 'null') {
      event.source.postMessage(answer, event.origin);
    }
  }, false);
}());
