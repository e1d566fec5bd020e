// One run in words, with its values and its response times, beside those of the run before on its machine.
const oneRun = (() => {
  const { series } = perfgate;
  const place = document.querySelector(".run");
  const [facts, values, said] = [".facts", ".values", ".found"].map((name) => place.querySelector(name));
  const requests = place.querySelector("select");
  const search = place.querySelector("input");
  const frame = new Frame(place.querySelector("figure"));
  const listeners = [];
  const parts = new Map();
  const waiting = new Map();
  let order = series.count;
  let turn = 0;

  perfgate.latencies = (part) => waiting.get(part.part)?.(part);

  // A part of the response times; null where the site has none of these runs.
  function load(part) {
    if (!parts.has(part)) {
      const loaded = new Promise((resolve) => {
        waiting.set(part, resolve);
        const script = document.createElement("script");
        script.src = `../data/${series.slug}.${part}.js`;
        script.addEventListener("error", () => resolve(null));
        document.head.append(script);
      });
      parts.set(part, series.parts.includes(part) ? loaded : Promise.resolve(null));
    }
    return parts.get(part);
  }

  // By request name.
  async function latenciesOf(run) {
    if (run === null) return new Map();
    const part = await load(Math.floor((run - 1) / series.part));
    const packed = part?.requests.map((one) => [one.name, one.packed[(run - 1) % series.part]]) ?? [];
    return new Map(packed.filter(([, text]) => text));
  }

  // The run before on the same machine; null where there is none.
  function before(run) {
    const testbed = runAt(run).testbed;
    for (let other = run - 1; other >= 1; other -= 1) if (runAt(other).testbed === testbed) return other;
    return null;
  }

  function link({ url, short }) {
    const code = Object.assign(document.createElement("code"), { textContent: short });
    if (!url) return code;
    const made = Object.assign(document.createElement("a"), { href: url, target: "_blank", rel: "noopener noreferrer" });
    made.append(code);
    return made;
  }

  function expected(panel, run) {
    const { testbed } = runAt(run);
    return panel.stretches.findLast(([machine, first]) => machine === testbed && first <= run)?.[3] ?? "–";
  }

  function tableOf(run) {
    const made = (name, text, properties = {}) => Object.assign(document.createElement(name), { textContent: text, ...properties });
    const lines = series.panels
      .filter((panel) => panel.values[run - 1] !== null)
      .map((panel) => {
        const line = document.createElement("tr");
        line.append(made("th", panel.request || "whole scenario", { scope: "row" }), made("td", panel.statistic));
        line.append(made("td", format.value(panel.values[run - 1], panel.unit), { className: "number" }));
        line.append(made("td", expected(panel, run), { className: "number" }));
        return line;
      });
    const head = document.createElement("tr");
    const titles = { request: "", metric: "", value: "number", expected: "number" };
    head.append(...Object.entries(titles).map(([title, className]) => made("th", title, { scope: "col", className })));
    const [top, body] = [document.createElement("thead"), document.createElement("tbody")];
    const table = document.createElement("table");
    top.append(head);
    body.append(...lines);
    table.append(made("caption", "Values of this run"), top, body);
    const scroll = Object.assign(document.createElement("div"), { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "Values of this run" });
    scroll.append(table);
    return scroll;
  }

  async function choose(wanted, { reveal = true } = {}) {
    const last = order;
    order = Math.min(series.count, Math.max(1, wanted));
    const run = runAt(order);
    facts.replaceChildren(`Run ${format.grouped(order)} of ${format.grouped(series.count)}, ${run.date}, `, link(run), `, ${run.machine}`);
    values.replaceChildren(tableOf(order));
    if (reveal) runsInView.reveal(order);
    if (order !== last) listeners.forEach((listener) => listener());
    await times();
  }

  async function times() {
    const mine = (turn += 1);
    const [own, older] = await Promise.all([latenciesOf(order), latenciesOf(before(order))]);
    if (mine !== turn) return; // another run was chosen meanwhile
    const wanted = requests.value;
    requests.replaceChildren(...[...own.keys()].map((name) => new Option(name, name, false, name === wanted)));
    requests.closest(".tools").hidden = own.size === 0;
    frame.figure.hidden = own.size === 0;
    said.textContent = own.size ? "" : "The site has no response times of this run; perfgate history show has.";
    if (own.size) await draw(own, older);
  }

  async function draw(own, older) {
    const name = requests.value;
    const rows = [];
    for (const [side, packed] of [["the run before", older.get(name)], ["this run", own.get(name)]]) {
      for (const [share, ms] of packed ? histogram.quantiles(histogram.unpack(packed)) : []) {
        rows.push([side, ms, share, format.value(ms, "ms")]);
      }
    }
    charts.panels.latencies.data.values = { fields: ["side", "ms", "share", "shown"], rows };
    frame.place.setAttribute("aria-label", `Response times of ${name} in the run of ${runAt(order).short}, and in the run before`);
    frame.figure.dataset.drawn = "";
    await frame.show("latencies");
    place.dataset.shown = `${order} ${name}`;
  }

  // A commit by its start, or a day; the newest that fits.
  function find() {
    const wanted = search.value.trim().toLowerCase();
    if (!wanted) return;
    for (let run = series.count; run >= 1; run -= 1) {
      const { commit, date } = runAt(run);
      if (commit.toLowerCase().startsWith(wanted) || date.startsWith(wanted)) return void choose(run);
    }
    said.textContent = `no run of ${search.value.trim()}`;
  }

  place.querySelector("[data-run=older]").addEventListener("click", () => choose(order - 1));
  place.querySelector("[data-run=newer]").addEventListener("click", () => choose(order + 1));
  search.addEventListener("change", find);
  requests.addEventListener("change", times);
  // #COMMIT@SECONDS is the run that began then, either of them may be missing; else the first one of that commit.
  const ofAddress = () => {
    const [commit, seconds] = decodeURIComponent(location.hash.slice(1)).toLowerCase().split("@");
    let first = null;
    for (let run = 1; run <= series.count; run += 1) {
      const at = runAt(run);
      if (commit && at.commit.toLowerCase() !== commit) continue;
      if (seconds && String(at.seconds) === seconds) return run;
      if (commit) first ??= run;
    }
    return first;
  };
  return { choose, times, ofAddress, onChange: (listener) => listeners.push(listener), get order() { return order; } };
})();
