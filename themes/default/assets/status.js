/* Enhancements only: the page is complete without this file. No dependency, no storage, no cookies.
   1 when the page was last checked, 2 relative times, 3 the reader's own clock for what lies ahead, 4 an honest "out of date"
   notice from heartbeat.json, 5 a link to newer information instead of a forced reload. */
(() => {
  const root = document.documentElement, { root: base, zone, own, checked } = document.currentScript.dataset;
  const $ = id => document.getElementById(id), loaded = Date.now(), was = $('main').innerHTML;
  const lang = root.lang === 'en' ? 'en-GB' : root.lang, digits = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', numberingSystem: 'latn' };
  let beat, rtf, own_clock; // made in idle time: an Intl object costs 14 to 45 ms cold
  const now = () => beat && beat.simulated ? Date.parse(beat.built) + Date.now() - loaded : Date.now();
  const rel = ms => {
    rtf ??= new Intl.RelativeTimeFormat(lang, { numeric: 'auto' });
    const m = Math.round(ms / 6e4), a = Math.abs(m);
    return a < 60 ? rtf.format(m, 'minute') : a < 2160 ? rtf.format(Math.round(m / 60), 'hour') : rtf.format(Math.round(m / 1440), 'day');
  };
  const mine = (t, at) => { // "09:45 your time", where the reader's clock differs from the site's
    const z = /([+-])(\d\d):(\d\d)$/.exec(t.dateTime);
    if (!z || new Date(at).getTimezoneOffset() === -(z[1] + 1) * (z[2] * 60 + +z[3])) return '';
    return (own_clock ??= new Intl.DateTimeFormat(lang, digits)).format(at) + ' ' + own;
  };
  const tick = () => {
    for (const t of document.querySelectorAll('time[data-rel]')) {
      const at = Date.parse(t.dateTime), ms = at - now();
      let note = t;
      do note = note.nextElementSibling; while (note && !note.matches('.rel'));
      if (note) note.textContent = Math.abs(ms) > 6048e5 ? '' : '(' + [ms > 0 && mine(t, at), rel(ms)].filter(Boolean).join(', ') + ')';
    }
    if (!beat) return;
    const built = Date.parse(beat.built), day = now() - built > 432e5 ? { weekday: 'short', day: 'numeric', month: 'short' } : {};
    if ($('checked')) $('checked').textContent = checked + ' ' + new Intl.DateTimeFormat(lang, { ...digits, ...day, timeZone: zone }).format(built);
    const old = !beat.simulated && Date.now() > Date.parse(beat.good_until);
    if (old && !root.classList.contains('old')) document.title = '(!) ' + document.title;
    root.classList.toggle('old', old);
    if ($('stale')) $('stale').hidden = !old;
  };
  const get = url => fetch(url, { cache: 'no-cache' });
  const look = async () => {
    if (document.hidden || location.protocol === 'file:') return;
    try {
      const fresh = await (await get(base + 'heartbeat.json')).json();
      if (beat && fresh.built !== beat.built && $('newer')) { // a page holds no time of its build: it differs only if it says something else
        const there = new DOMParser().parseFromString(await (await get(location.pathname)).text(), 'text/html').getElementById('main');
        if (there && there.innerHTML !== was) $('newer').hidden = false;
      }
      beat = fresh;
    } catch { /* offline: what is known stays, and past good_until the notice says so */ }
    tick();
  };
  (window.requestIdleCallback || setTimeout)(() => { look().then(tick); setInterval(tick, 6e4); setInterval(look, 3e5); addEventListener('visibilitychange', look); });
})();
