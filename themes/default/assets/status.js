/* Enhancements only: the page is complete without this file. No dependency, no storage, no cookies.
   1 when the page was last checked, 2 relative times, 3 the reader's own clock where it differs, 4 an honest "out of date"
   notice from heartbeat.json, 5 a link to newer information instead of a forced reload. */
(() => {
  const root = document.documentElement, { root: base, own, checked } = document.currentScript.dataset;
  const $ = id => document.getElementById(id), loaded = Date.now();
  let beat, rtf, hm, seen; // rtf is made in idle time: it costs 14 to 45 ms cold
  const now = () => beat && beat.simulated ? Date.parse(beat.built) + Date.now() - loaded : Date.now();
  const clock = at => (hm ??= new Intl.DateTimeFormat(root.lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', numberingSystem: 'latn' })).format(at);
  const rel = ms => {
    rtf ??= new Intl.RelativeTimeFormat(root.lang, { numeric: 'auto' });
    const m = Math.round(ms / 6e4), a = Math.abs(m);
    return a < 60 ? rtf.format(m, 'minute') : a < 2160 ? rtf.format(Math.round(m / 60), 'hour') : rtf.format(Math.round(m / 1440), 'day');
  };
  const tick = () => {
    for (const t of document.querySelectorAll('time[data-rel]')) {
      const at = Date.parse(t.dateTime), ms = at - now(), z = /([+-])(\d\d):(\d\d)$/.exec(t.dateTime);
      const differs = z && new Date(at).getTimezoneOffset() !== -(z[1] + 1) * (z[2] * 60 + +z[3]);
      let note = t.nextElementSibling;
      if (!note || !note.matches('.rel')) t.after(note = Object.assign(document.createElement('span'), { className: 'rel muted' }));
      note.textContent = Math.abs(ms) > 6048e5 ? '' : ' (' + [differs && clock(at) + ' ' + own, rel(ms)].filter(Boolean).join(', ') + ')';
    }
    if (!beat) return;
    if ($('checked')) $('checked').textContent = checked + ' ' + clock(Date.parse(beat.built));
    const old = !beat.simulated && Date.now() > Date.parse(beat.good_until);
    if ($('stale')) $('stale').hidden = !old;
    root.classList.toggle('old', old);
  };
  const look = async () => {
    if (document.hidden || location.protocol === 'file:') return;
    try {
      beat = await (await fetch(base + 'heartbeat.json', { cache: 'no-cache' })).json();
      const h = (await fetch(location.pathname, { method: 'HEAD', cache: 'no-cache' })).headers, id = h.get('etag') || h.get('last-modified');
      if (seen && id && id !== seen && $('newer')) $('newer').hidden = false;
      seen ??= id;
    } catch { /* offline: what is known stays, and past good_until the notice says so */ }
    tick();
  };
  (window.requestIdleCallback || setTimeout)(() => { look().then(tick); setInterval(tick, 6e4); setInterval(look, 3e5); addEventListener('visibilitychange', look); });
})();
