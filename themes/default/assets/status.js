/* Enhancements only: the page is complete without this file. No dependency, no storage, no cookies, nothing global.
   Relative times, and the reader's own clock for what lies ahead; when the page was checked, and an honest "out of date" notice,
   from heartbeat.json; a link to newer information instead of a forced reload; a filter over long lists.
   Whoever puts more into the page says so with document.dispatchEvent(new Event('statusgen:shown')). */
(() => {
  const page = document, root = page.documentElement, { root: base, zone, own, checked } = page.currentScript.dataset;
  const each = (css, does) => page.querySelectorAll(css).forEach(does), main = of => of.getElementById('main')?.innerHTML;
  const lang = (root.lang === 'en' ? 'en-GB' : root.lang) + '-u-nu-latn', loaded = Date.now(), was = main(page);
  const digits = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  // The Intl objects are made in idle time: each costs 14 to 45 ms cold.
  let beat, rtf, clock, file;
  const now = () => Date.now() + (beat?.simulated ? Date.parse(beat.built) - loaded : 0);
  const rel = ms => {
    rtf ??= new Intl.RelativeTimeFormat(lang, { numeric: 'auto' });
    const m = Math.round(ms / 6e4), a = Math.abs(m), [of, unit] = a < 60 ? [1, 'minute'] : a < 2160 ? [60, 'hour'] : a < 86400 ? [1440, 'day'] : [43830, 'month'];
    return rtf.format(Math.round(m / of), unit);
  };
  // "09:45 your time", where the reader's clock differs from the site's
  const mine = (t, at) => {
    const z = /([+-])(\d\d):(\d\d)$/.exec(t.dateTime);
    return z && new Date(at).getTimezoneOffset() !== -(z[1] + 1) * (z[2] * 60 + +z[3]) ? (clock ??= new Intl.DateTimeFormat(lang, digits)).format(at) + ' ' + own + ' · ' : '';
  };
  const tick = () => {
    each('time[data-rel]', t => {
      const at = Date.parse(t.dateTime), ms = at - now();
      let note = t;
      while ((note = note.nextElementSibling) && !note.matches('.rel'));
      if (note) note.textContent = '(' + (ms > 0 ? mine(t, at) : '') + rel(ms) + ')';
    });
    if (!beat) return;
    const built = Date.parse(beat.built), day = now() - built > 432e5 ? { weekday: 'short', day: 'numeric', month: 'short' } : {};
    const old = !beat.simulated && Date.now() > Date.parse(beat.good_until);
    each('#checked', e => e.textContent = checked + ' ' + new Intl.DateTimeFormat(lang, { ...digits, ...day, timeZone: zone }).format(built));
    each('#stale', e => e.hidden = !old);
    if (root.classList.toggle('old', old) && page.title[0] !== '(') page.title = '(!) ' + page.title;
  };
  const get = (url, cache) => fetch(url, { cache }).then(r => r.ok ? r.text() : Promise.reject());
  const look = async () => {
    if (page.hidden || location.protocol === 'file:') return;
    try {
      const fresh = JSON.parse(await get(base + 'heartbeat.json', 'no-cache')), before = beat;
      beat = fresh;
      // A page holds no time of its build: it differs only if it says something else.
      if (before && fresh.built !== before.built) {
        const there = await get(location.pathname, 'no-cache');
        if (file ? there !== await file : main(new DOMParser().parseFromString(there, 'text/html')) !== was) each('#newer', e => e.hidden = false);
      }
    } catch { /* Offline, or no heartbeat: what is known stays, and past good_until the notice says so. */ }
    tick();
  };
  const plain = text => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  // A box over the rows of its section. A group without any of them goes, too.
  const filter = form => {
    const box = form.parentNode, rows = [...box.parentNode.querySelectorAll('[data-row]')];
    const told = row => plain([row.dataset.row, ...[...row.querySelectorAll('a, .tag')].map(e => e.textContent)].join(' '));
    form.replaceWith(form.content);
    const input = box.querySelector('input');
    const find = () => {
      const words = plain(input.value).split(/\s+/);
      const found = rows.filter(row => !(row.hidden = !words.every(word => told(row).includes(word))));
      each('.group', group => group.hidden = !group.querySelector('[data-row]:not([hidden])'));
      box.querySelector('[role]').textContent = input.value && box.dataset.found.replace('#', found.length);
    };
    input.oninput = find;
    input.onkeydown = e => {
      if (e.key === 'Escape') input.value = '', find();
    };
  };
  const start = () => {
    each('.find template', filter);
    tick();
  };
  each('[data-at]', e => e.classList.toggle('here', location.pathname.includes(e.dataset.at)));
  page.addEventListener('statusgen:shown', () => {
    file = get(location.pathname, 'force-cache').catch(() => 0);
    start();
  });
  (window.requestIdleCallback || setTimeout)(() => { look(); start(); setInterval(tick, 6e4); setInterval(look, 3e5); addEventListener('visibilitychange', look); });
})();
