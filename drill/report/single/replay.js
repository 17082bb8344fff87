'use strict';
// Plays a drill: each frame says which cells change, and to which text. Without this the page is the report alone.
(function () {
  var data = JSON.parse(document.getElementById('frames').textContent);
  var frames = data.frames, texts = data.texts;
  var box = document.getElementById('replay');
  if (!frames.length || !box) { return; }
  var slider = document.getElementById('at'), play = document.getElementById('play'), speed = document.getElementById('speed');
  var cells = [], i;
  for (i = 0; i < data.cells; i++) { cells.push([]); }
  document.querySelectorAll('[data-cell]').forEach(function (e) { cells[+e.dataset.cell].push(e); });
  var lines = Array.prototype.slice.call(document.querySelectorAll('table.timeline tr[data-t]'));
  var charts = Array.prototype.slice.call(document.querySelectorAll('svg[data-from]'));
  var shown = new Array(data.cells).fill(-1), at = -1, timer = 0;

  function put(cell, place) {
    if (shown[cell] === place) { return; }
    shown[cell] = place;
    cells[cell].forEach(function (e) {
      if (e.dataset.as === 'state') { e.setAttribute('data-state', texts[place]); } else { e.textContent = texts[place]; }
    });
  }

  // The texts of a frame are those of the last change of each cell up to it.
  function show(n) {
    var now = new Array(data.cells).fill(0), f, k;
    for (f = 0; f <= n; f++) {
      for (k = 1; k < frames[f].length; k += 2) { now[frames[f][k]] = frames[f][k + 1]; }
    }
    for (k = 0; k < data.cells; k++) { put(k, now[k]); }
    at = n;
    slider.value = n;
    var t = frames[n][0] / 1000, clock = document.getElementById('clock').textContent;
    slider.setAttribute('aria-valuetext', clock);
    lines.forEach(function (row) { row.classList.toggle('later', +row.dataset.t > frames[n][0]); });
    charts.forEach(function (svg) {
      var from = +svg.dataset.from, until = +svg.dataset.until, l = +svg.dataset.l, r = +svg.dataset.r;
      var x = l + Math.min(Math.max((t - from) / (until - from), 0), 1) * (r - l), line = svg.querySelector('.cursor');
      line.setAttribute('x1', x);
      line.setAttribute('x2', x);
    });
    var news = lines.filter(function (row) { return !row.classList.contains('later'); }).slice(-4);
    document.getElementById('news').textContent = news.map(function (row) { return row.cells[0].textContent + '  ' + row.cells[1].textContent; }).join('\n');
  }

  function pause() {
    window.clearTimeout(timer);
    timer = 0;
    play.textContent = 'Play';
    play.setAttribute('aria-pressed', 'false');
  }

  function next() {
    if (at + 1 >= frames.length) { pause(); return; }
    var wait = (frames[at + 1][0] - frames[at][0]) / +speed.value;
    timer = window.setTimeout(function () { show(at + 1); next(); }, Math.max(wait, 15));
  }

  function toggle() {
    if (timer) { pause(); return; }
    if (at + 1 >= frames.length) { show(0); }
    play.textContent = 'Pause';
    play.setAttribute('aria-pressed', 'true');
    next();
  }

  function go(n) { pause(); show(Math.min(Math.max(n, 0), frames.length - 1)); }

  document.documentElement.classList.add('plays');
  box.hidden = false;
  slider.max = frames.length - 1;
  slider.addEventListener('input', function () { go(+slider.value); });
  play.addEventListener('click', toggle);
  document.getElementById('back').addEventListener('click', function () { go(at - 1); });
  document.getElementById('on').addEventListener('click', function () { go(at + 1); });
  box.addEventListener('keydown', function (e) {
    if (e.target.tagName === 'SELECT' || e.altKey || e.ctrlKey || e.metaKey) { return; }
    if (e.key === ' ' && e.target.tagName !== 'BUTTON') { e.preventDefault(); toggle(); }
    if (e.target === slider) { return; }
    if (e.key === 'ArrowLeft') { e.preventDefault(); go(at - 1); }
    if (e.key === 'ArrowRight') { e.preventDefault(); go(at + 1); }
    if (e.key === 'Home') { e.preventDefault(); go(0); }
    if (e.key === 'End') { e.preventDefault(); go(frames.length - 1); }
  });
  lines.forEach(function (row) {
    var cell = row.cells[0], button = document.createElement('button');
    button.type = 'button';
    button.textContent = cell.textContent;
    button.title = 'go to this moment';
    button.addEventListener('click', function () {
      var t = +row.dataset.t, n = 0;
      while (n + 1 < frames.length && frames[n][0] < t) { n++; }
      go(n);
    });
    cell.textContent = '';
    cell.appendChild(button);
  });
  function follow() {
    var to = /^#at=(\d+)$/.exec(window.location.hash);
    if (to) { go(+to[1]); }
  }
  window.addEventListener('hashchange', follow);
  show(0);
  follow();
})();
