/* Opens a sealed page in the browser of whoever has its access code. No dependency; nothing is ever sent.
   It is put into the page itself, where its hash in the content security policy allows it, without comments that have a
   line of their own and without the blanks at the start of a line: no text in here may run over several lines.
   The other half is statusgen/access: what changes here changes there. */
(() => {
  'use strict';
  const $ = id => document.getElementById(id), V = 'statusgen/v1', ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
  const gate = $('gate'), out = $('out'), form = $('form'), band = document.querySelector('.band') || gate, { site, token, check, ...words } = gate.dataset;
  const secure = window.isSecureContext && window.crypto && crypto.subtle, utf8 = text => new TextEncoder().encode(text);
  // The one way in for HTML. It is the site's own, cleaned when it was made; the policy of the page runs no script in it.
  const trusted = window.trustedTypes ? trustedTypes.createPolicy('statusgen', { createHTML: html => html }) : { createHTML: html => html };
  let key, sealed = $('sealed').textContent;

  // ---- what is derived, byte for byte as statusgen/access does it
  const framed = parts => parts.map(utf8).reduce((all, part) => {
    const next = new Uint8Array(all.length + 4 + part.length);
    next.set(all);
    new DataView(next.buffer).setUint32(all.length, part.length);
    next.set(part, all.length + 4);
    return next;
  }, new Uint8Array());
  const recoded = (units, from, to) => { // groups of bits into groups of another size
    const made = [];
    let held = 0, bits = 0;
    for (const unit of units) {
      held = held << from | unit;
      for (bits += from; bits >= to;) made.push(held >> (bits -= to) & (1 << to) - 1);
      held &= (1 << bits) - 1;
    }
    return to < from && bits ? [...made, held << to - bits] : made;
  };
  const base32 = bytes => recoded(bytes, 8, 5).map(unit => ALPHABET[unit]).join('');
  const checked = async text => { // the code, if its check characters fit, or if it has none
    const bare = text.slice(0, 26), code = new Uint8Array(recoded([...bare].map(one => ALPHABET.indexOf(one)), 5, 8));
    const sums = base32(new Uint8Array(await crypto.subtle.digest('SHA-256', code)).slice(0, 2)).slice(0, 2);
    return base32(code) === bare && ['', sums].includes(text.slice(26)) && code;
  };
  const read = async typed => {
    const inside = /[#&]k=([^&\s]*)/i.exec(typed);
    const plain = (inside ? inside[1] : typed).normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '').replace(/0/g, 'o').replace(/8/g, 'b');
    if (!plain) throw 'empty';
    if (/[^a-z1-7]/.test(plain)) throw 'strange';
    if (plain.length !== 26 && plain.length !== 28) throw plain.length < 28 ? 'short' : 'long';
    const ones = plain.split('1').length - 1; // a 1 is an l or an i: the check characters say which
    for (let way = 0; ones < 7 && way < 1 << ones; way++) {
      let place = ones;
      const code = await checked(plain.replace(/1/g, () => 'li'[way >> --place & 1]));
      if (code) return code;
    }
    throw 'typo';
  };
  const derived = async code => {
    const material = await crypto.subtle.importKey('raw', code, 'HKDF', false, ['deriveKey', 'deriveBits']);
    const how = what => ({ name: 'HKDF', hash: 'SHA-256', salt: utf8(token), info: utf8(V + what) });
    if (base32(new Uint8Array(await crypto.subtle.deriveBits(how(' page-check'), material, 40))) !== check) throw 'wrong';
    return crypto.subtle.deriveKey(how(' page-key'), material, { name: 'AES-GCM', length: 256 }, false, ['decrypt']);
  };
  const opened = async (text, by) => {
    const data = Uint8Array.from(atob(text.trim()), one => one.charCodeAt());
    const bound = framed([V, site, token, 'page']);
    const { buffer } = new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: data.slice(0, 12), additionalData: bound }, by, data.slice(12)));
    return new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(buffer, 4, new DataView(buffer).getUint32(0)));
  };

  // ---- what this device remembers, and only when asked to: a key that opens this page and can be read by nobody
  const kept = async (what, ...given) => {
    const done = asked => new Promise((good, bad) => { asked.onsuccess = () => good(asked.result); asked.onerror = () => bad(asked.error); });
    const asked = indexedDB.open('statusgen', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('k');
    const db = await done(asked);
    try {
      return await done(db.transaction('k', 'readwrite').objectStore('k')[what](...given));
    } finally { db.close(); }
  };
  const tools = (is_open, is_kept) => {
    $('remember').hidden = !is_open || is_kept;
    $('forget').hidden = !is_kept;
    $('tools').hidden = !is_open && !is_kept;
  };
  const remember = async () => {
    try {
      await kept('put', key, token);
      tools(true, true);
      $('told').textContent = words.kept;
    } catch { $('told').textContent = words.refused; }
  };

  // ---- what the reader sees
  const parts = () => location.hash.slice(1).split('&'), isKey = part => part.startsWith('k=');
  const show = async by => {
    const html = await opened(sealed, by);
    key = by;
    const made = document.createElement('template');
    made.innerHTML = trusted.createHTML(html);
    // None of these is ever sealed. The policy of the page would stop them, but for a <meta> that leads away.
    made.content.querySelectorAll('meta,base,link,style,script,iframe,object,embed,form').forEach(one => one.remove());
    out.replaceChildren(made.content);
    gate.hidden = true;
    const mark = out.querySelector('.mark'), named = parts().find(part => part && !isKey(part)), place = $(named) || out.querySelector('h1');
    band.className = mark ? mark.className.replace('mark', 'band') : 'band';
    if (place) {
      place.tabIndex = -1;
      place.focus();
      if (named) place.scrollIntoView();
    }
    document.dispatchEvent(new Event('statusgen:shown'));
  };
  const ask = () => { gate.hidden = form.hidden = false; };
  const fail = why => {
    ask();
    $('error').textContent = words[why] || words.damaged;
    $('code').setAttribute('aria-invalid', 'true');
    $('code').focus();
  };
  const enter = async (typed, keep) => {
    try {
      await show(await derived(await read(typed)));
      $('code').value = $('error').textContent = $('told').textContent = '';
      tools(true, false);
      if (keep) await remember();
    } catch (why) { fail(why); }
  };
  const linked = () => parts().find(isKey); // it stays in the address, so that a bookmark of it goes on to open the page
  const begin = async () => {
    const link = linked(), known = await kept('get', token).catch(() => {});
    tools(false, known);
    if (link) return enter(link.slice(2));
    if (!known) return ask();
    try {
      await show(known);
      tools(true, true);
    } catch { fail('outdated'); }
  };

  form.addEventListener('submit', event => {
    event.preventDefault();
    enter($('code').value, $('keep').checked);
  });
  $('remember').addEventListener('click', remember);
  $('forget').addEventListener('click', async () => {
    await kept('delete', token).catch(() => {});
    if (linked()) history.replaceState(null, '', location.href.split('#')[0]);
    key = undefined;
    out.replaceChildren();
    band.className = 'band busy';
    tools(false, false);
    ask();
    $('told').textContent = words.forgotten;
    $('code').focus();
  });
  document.addEventListener('click', async event => { // "there is newer information": opened with the key at hand, not asked for again
    if (!key || !event.target.closest('#newer a')) return;
    event.preventDefault();
    try {
      sealed = /id="sealed">([^<]*)/.exec(await (await fetch(location.pathname, { cache: 'no-cache' })).text())[1];
      await show(key);
      $('newer').hidden = true;
    } catch { location.reload(); }
  });
  addEventListener('hashchange', () => {
    const link = linked();
    if (link) enter(link.slice(2));
  });

  // Nothing is shown before it is known what: so nothing moves when the page opens by itself.
  gate.hidden = true;
  if (window.top !== window.self || !secure) {
    $('need').textContent = secure ? words.framed : words.insecure;
    gate.hidden = false;
  } else {
    $('need').hidden = true;
    begin();
  }
})();
