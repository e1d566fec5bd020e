// The runs in view, the same in all charts, and of them as many as can be told apart.
const runsInView = (() => {
  const MOST = 1200; // points of a chart
  const LEAST = 8; // runs in view
  const { count } = perfgate.series;
  let from = 0.5;
  let to = count + 0.5;
  const listeners = [];

  function set(start, end) {
    const width = Math.min(count, Math.max(Math.min(LEAST, count), end - start));
    from = Math.min(Math.max(0.5, start), count + 0.5 - width);
    to = from + width;
    listeners.forEach((listener) => listener());
  }

  // factor: below 1 zooms in; around: which run stays where it is.
  function zoom(factor, around = (from + to) / 2) {
    set(around - (around - from) * factor, around + (to - around) * factor);
  }

  const move = (runs) => set(from + runs, to + runs);
  const newest = (runs) => set(count + 0.5 - runs, count + 0.5);
  const all = () => set(0.5, count + 0.5);

  function reveal(order) {
    if (order < from || order > to) move(order - (from + to) / 2);
  }

  // The places with a value, one run beyond each edge included, by testbed.
  function shown(panel) {
    const places = new Map();
    for (let order = Math.max(1, Math.floor(from)); order <= Math.min(count, Math.ceil(to)); order += 1) {
      if (panel.values[order - 1] === null) continue;
      const testbed = perfgate.series.testbeds?.[order - 1] ?? 0;
      if (!places.has(testbed)) places.set(testbed, []);
      places.get(testbed).push(order);
    }
    const total = [...places.values()].reduce((sum, one) => sum + one.length, 0);
    if (total <= MOST) return places;
    const size = Math.ceil((2 * total) / MOST);
    return new Map([...places].map(([testbed, orders]) => [testbed, thinned(panel.values, orders, size)]));
  }

  // Of every so many neighbours the highest and the lowest, so that no outlier is lost; and the newest.
  function thinned(values, orders, size) {
    const kept = new Set([orders.at(-1)]);
    for (let start = 0; start < orders.length; start += size) {
      const part = orders.slice(start, start + size);
      const by = (better) => part.reduce((one, other) => (better(values[other - 1], values[one - 1]) ? other : one));
      kept.add(by((one, other) => one > other)).add(by((one, other) => one < other));
    }
    return [...kept].sort((one, other) => one - other);
  }

  const edges = () => ({ from, to, first: Math.ceil(from), last: Math.floor(to) });
  return { set, zoom, move, newest, all, reveal, shown, edges, onChange: (listener) => listeners.push(listener) };
})();

// The facts of a run by its place among those of the scenario, from 1.
const runAt = (() => {
  const { runs, series } = perfgate;
  const dirty = new Set(runs.dirty);
  const placeOf = (order) => (series.places ? series.places[order - 1] : order - 1);

  return (order) => {
    const place = placeOf(order);
    const commit = runs.commits[place];
    const short = commit ? commit.slice(0, 7) + (dirty.has(place) ? "*" : "") : "unknown commit";
    const url = runs.url && /^[0-9A-Za-z]+$/.test(commit) ? runs.url.replace("{sha}", commit) : null;
    const testbed = series.testbeds?.[order - 1] ?? 0;
    return { order, commit, short, url, testbed, machine: series.machines[testbed], seconds: runs.times[place], date: format.minute(runs.times[place]) };
  };
})();
