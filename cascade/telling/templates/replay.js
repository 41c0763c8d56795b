"use strict";
// The living page: levels at any moment read off packed steps; the page itself is built once and only its texts change.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const by = (id) => document.getElementById(id);
  const ARRAYS = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };
  const unpack = ({ t, d }) => {
    const text = atob(d), bytes = new Uint8Array(text.length);
    for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
    return new ARRAYS[t](bytes.buffer);
  };
  const HOUR = 3600, DAY = 86400, FULL = data.full, SHOWN = data.shown;
  const still = matchMedia("(prefers-reduced-motion: reduce)");

{% include "replay_words.js" %}

{% include "replay_levels.js" %}

  // ------------------------------------------------------------------ small tools for the page

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const draw = (tag, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const key of Object.keys(attributes)) node.setAttribute(key, attributes[key]);
    return node;
  };
  const write = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const mark = (node, name, value) => { if (node.getAttribute(name) !== value) node.setAttribute(name, value); };
  const x = (t) => (1000 * t) / SHOWN;
  const stepPath = (times, values, top, tall) => {
    let path = "";
    for (let k = 0; k < times.length && times[k] <= SHOWN; k++) {
      const y = tall - (tall * values[k]) / top;
      path += (k ? `H${x(times[k]).toFixed(2)}V` : "M0,") + y.toFixed(2);
    }
    return `${path}H1000`;
  };

  // ------------------------------------------------------------------ what is looked at

  const state = { t: 0, region: -1, held: -1, near: -1, measure: data.opens, playing: false };
  const loss = new Float64Array(P);
  const chosen = () => (state.near >= 0 ? state.near : state.held);

  // ------------------------------------------------------------------ the map

  const map = by("map");
  const regions = data.regions.map((region, r) => {
    if (data.frame) {
      const group = draw("g", { role: "button", tabindex: r ? -1 : 0, "aria-pressed": "false", "data-band": "0" });
      const text = draw("text", { x: region.at[0], y: region.at[1], "aria-hidden": "true" });
      group.append(draw("path", { d: region.path }), text);
      return { node: group, n: text };
    }
    const node = make("button", `tile at-${region.tile.join("-")}`);
    node.type = "button";
    node.tabIndex = r ? -1 : 0;
    node.setAttribute("aria-pressed", "false");
    const n = make("span", "n");
    const code = make("span", "code", region.code);
    code.setAttribute("aria-hidden", "true");
    node.append(make("span", "name", region.short), code, n);
    return { node, n };
  });
  if (data.frame) {
    const svg = draw("svg", { class: "outline", viewBox: `0 0 ${data.frame[0]} ${data.frame[1]}`, role: "group" });
    svg.append(...regions.map((region) => region.node));
    map.append(svg);
    const sized = () => {
      const wide = svg.getBoundingClientRect();
      const scale = Math.min(wide.width / data.frame[0], wide.height / data.frame[1]) || 1;
      for (const region of regions) region.n.setAttribute("font-size", (13 / scale).toFixed(1));
    };
    new ResizeObserver(sized).observe(svg);
  } else {
    const grid = make("div", "map");
    grid.setAttribute("role", "group");
    grid.append(...regions.map((region) => region.node));
    map.append(grid);
  }
  const group = map.firstChild;
  const look = (r) => {
    state.region = state.region === r ? -1 : r;
    by("scope").value = String(state.region);
    regions.forEach((region, k) => region.node.setAttribute("aria-pressed", String(k === state.region)));
    by("live").textContent = say("looking", { place: place() });
    rebuild();
  };
  const place = () => (state.region < 0 ? say("country") : data.regions[state.region].name);
  regions.forEach((region, r) => {
    region.node.addEventListener("click", () => look(r));
    region.node.addEventListener("keydown", (event) => {
      if (data.frame && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        event.stopPropagation();
        look(r);
      }
    });
  });

  // ------------------------------------------------------------------ lanes

  const lanes = by("lanes");
  const cells = [], laneLevels = [];
  for (let s = 0; s < S; s++) {
    const lane = make("div", "lane"), name = make("div", "sector"), box = make("div", "cells");
    const label = make("span"), figure = make("b");
    name.append(label, figure);
    lane.setAttribute("role", "group");
    laneLevels.push({ lane, label, figure });
    for (let p = 0; p < P; p++) {
      if (data.processes[p].sector !== s) continue;
      const node = make("button", "cell"), inner = make("span"), text = make("span"), whole = make("span", "unseen"), n = make("b");
      node.type = "button";
      node.tabIndex = cells.some(Boolean) ? -1 : 0;
      node.setAttribute("aria-pressed", "false");
      inner.append(whole, text, " ", n);
      node.append(inner);
      cells[p] = { node, text, whole, n };
      node.addEventListener("click", () => hold(p));
      node.addEventListener("focus", () => { if (node.matches(":focus-visible")) preview(p); });
      node.addEventListener("blur", () => preview(-1));
      node.addEventListener("mouseenter", () => preview(p));
      node.addEventListener("mouseleave", () => preview(-1));
      box.append(node);
    }
    lane.append(name, box);
    if (box.childElementCount) lanes.append(lane);
  }
  const arcs = draw("svg", { class: "arcs", "aria-hidden": "true" });
  const tips = draw("defs", {});
  for (const kind of ["needs", "feeds", "cause"]) {
    const tip = draw("marker", { id: `tip-${kind}`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" });
    tip.append(draw("path", { d: "M0,0L8,4L0,8z" }));
    tips.append(tip);
  }
  lanes.append(arcs);

  const feeds = Array.from({ length: P }, () => []);
  data.processes.forEach((process, p) => {
    for (const need of process.needs) for (const j of need.from) if (!feeds[j].includes(p)) feeds[j].push(p);
  });
  const needsOf = (p) => Array.from(new Set(data.processes[p].needs.flatMap((need) => need.from)));

  const arc = (a, b, kind) => {
    const from = cells[a].node, to = cells[b].node;
    const fx = from.offsetLeft + from.offsetWidth / 2, tx = to.offsetLeft + to.offsetWidth / 2;
    const below = to.offsetTop > from.offsetTop + 5, above = to.offsetTop < from.offsetTop - 5;
    let path;
    if (below || above) {
      const fy = from.offsetTop + (below ? from.offsetHeight : 0), ty = to.offsetTop + (below ? -2 : to.offsetHeight + 2);
      const bend = Math.max(18, Math.abs(ty - fy) * 0.45) * (below ? 1 : -1);
      path = `M${fx},${fy}C${fx},${fy + bend} ${tx},${ty - bend} ${tx},${ty}`;
    } else {
      // over the top of a row, but under the first: above that stand other things
      const high = from.offsetTop > 44, y = high ? from.offsetTop : from.offsetTop + from.offsetHeight;
      const away = (16 + Math.min(24, Math.abs(tx - fx) / 14)) * (high ? -1 : 1);
      path = `M${fx},${y}C${fx},${y + away} ${tx},${y + away} ${tx},${y + Math.sign(away) * 2}`;
    }
    return [draw("path", { d: path, class: "halo" }), draw("path", { d: path, class: kind, "marker-end": `url(#tip-${kind})` })];
  };
  let drawn = "";
  const drawArcs = (p, links) => {
    const causes = [];
    for (const link of links) if (link.supplier >= 0) causes.push([processOf[link.supplier], processOf[link.copy]]);
    const key = `${p}|${causes.join(";")}`;
    if (key === drawn) return;
    drawn = key;
    if (p >= 0 || arcs.childElementCount !== 1) arcs.replaceChildren(tips);
    const onChain = new Set(causes.flat());
    const near = p < 0 ? [] : [...needsOf(p), ...feeds[p]];
    cells.forEach((cell, k) => {
      cell.node.classList.toggle("near", near.includes(k) && k !== p);
      cell.node.classList.toggle("cause", onChain.has(k) && k !== p);
    });
    if (p < 0) return;
    const told = new Set(causes.map(String));
    const lines = [];
    for (const j of feeds[p]) if (j !== p && !told.has(String([p, j]))) lines.push(arc(p, j, "feeds"));
    for (const j of needsOf(p)) if (j !== p && !told.has(String([j, p]))) lines.push(arc(j, p, "needs"));
    for (const [a, b] of causes) if (a !== b) lines.push(arc(a, b, "cause"));
    for (const pair of lines) arcs.append(pair[0]);
    for (const pair of lines) arcs.append(pair[1]);
  };

  let waiting = 0;
  const preview = (p) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (state.near === p) return;
      state.near = p;
      buildPanel();
      want();
    }, p < 0 ? 120 : 60);
  };
  const hold = (p) => {
    state.held = state.held === p ? -1 : p;
    state.near = -1;
    clearTimeout(waiting);
    cells.forEach((cell, k) => cell.node.setAttribute("aria-pressed", String(k === state.held)));
    by("live").textContent = state.held < 0 ? "" : say("selected", { name: own(data.processes[state.held].name) });
    buildPanel();
    want();
  };

  // one stop for the Tab key in the map and one in the lanes; arrow keys walk to the nearest in that direction
  const rove = (nodes, event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const here = nodes.find((node) => node === document.activeElement);
    if (!way || !here || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const centre = (node) => { const b = node.getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2]; };
    const [hx, hy] = centre(here);
    let best = null, least = Infinity;
    for (const node of nodes) {
      const [nx, ny] = centre(node), along = (nx - hx) * way[0] + (ny - hy) * way[1], aside = Math.abs((nx - hx) * way[1]) + Math.abs((ny - hy) * way[0]);
      if (node === here || along < 4) continue;
      const far = along + 3 * aside;
      if (far < least) { least = far; best = node; }
    }
    if (!best) return;
    nodes.forEach((node) => node.setAttribute("tabindex", node === best ? "0" : "-1"));
    best.focus();
  };
  lanes.addEventListener("keydown", (event) => rove(cells.map((cell) => cell.node), event));
  map.addEventListener("keydown", (event) => rove(regions.map((region) => region.node), event));

  // ------------------------------------------------------------------ the panel

  const panel = by("panel");
  let shown = { chips: [], why: null, whyKey: null, spark: null };
  // going on from inside the panel, which is built anew: who uses a keyboard stays in it
  const walk = (p) => {
    if (state.held !== p) hold(p);
    panel.querySelector("h3").focus({ preventScroll: true });
  };
  const chip = (p) => {
    const item = make("li"), node = make("button", "chip"), n = make("b");
    node.type = "button";
    node.append(make("span", "", own(data.processes[p].name)), n);
    node.addEventListener("click", () => walk(p));
    item.append(node);
    shown.chips.push({ p, node, n });
    return item;
  };
  const chips = (title, list) => {
    const heading = make("h4", "", title);
    if (!list.length) return [heading, make("p", "sub", say("nothing"))];
    const box = make("ul", "chips");
    box.append(...list.map(chip));
    return [heading, box];
  };
  const buildPanel = () => {
    const p = chosen();
    shown = { chips: [], why: null, whyKey: null, spark: null };
    panel.classList.toggle("idle", p < 0);
    if (p < 0) {
      shown.list = make("ul", "worst");
      shown.rows = Array.from({ length: Math.min(6, P) }, () => {
        const item = make("li"), node = make("button"), name = make("span"), n = make("b");
        const row = { item, name, n, p: -1 };
        node.type = "button";
        node.append(name, n);
        node.addEventListener("click", () => { if (row.p >= 0) walk(row.p); });
        item.append(node);
        return row;
      });
      shown.list.append(...shown.rows.map((row) => row.item));
      shown.fine = make("p", "sub", say("untouched"));
      panel.replaceChildren(make("h3", "", say("worst")), shown.fine, shown.list, make("p", "hint", say("pick")));
      return;
    }
    const process = data.processes[p];
    const top = make("div", "headline"), names = make("div");
    const sub = [own(data.sectors[process.sector]), process.regional ? place() : say("national")];
    if (process.people && (state.region < 0 || !process.regional)) sub.push(say("relying", { n: large(process.people) }));
    const title = make("h3", "", own(process.name));
    title.tabIndex = -1;
    names.append(title, make("p", "sub", sub.join(" · ")));
    top.append(names);
    if (state.held === p) {
      const close = make("button", "key", say("close"));
      close.type = "button";
      close.addEventListener("click", () => { cells[p].node.focus({ preventScroll: true }); hold(p); });
      top.append(close);
    }
    shown.big = make("span", "big");
    shown.since = make("span", "sub");
    const figure = make("p");
    figure.append(shown.big, " ", make("span", "sub", say("of_normal")), make("br"), shown.since);
    shown.whyTitle = make("h4", "", say("why"));
    shown.why = make("ol", "why");
    panel.replaceChildren(top, figure, sparkline(p), shown.whyTitle, shown.why, ...chips(say("needs"), needsOf(p)), ...chips(say("feeds"), feeds[p]));
  };
  const sparkline = (p) => {
    const course = courseOf(copiesIn(p, state.region));
    const times = course.map((row) => row[0]), lost = course.map((row) => 1 - row[1]);
    const svg = draw("svg", { class: "spark", viewBox: "0 0 1000 100", preserveAspectRatio: "none", role: "img", "aria-label": say("spark", { name: own(data.processes[p].name) }) });
    const line = stepPath(times, lost, 1, 100);
    svg.append(draw("path", { class: "gone", d: `${line}V0H0z` }), draw("path", { class: "line", d: line }));
    shown.spark = draw("line", { class: "cursor", y1: 0, y2: 100 });
    svg.append(shown.spark);
    svg.addEventListener("click", (event) => { const b = svg.getBoundingClientRect(); go(((event.clientX - b.left) / b.width) * SHOWN); });
    return svg;
  };
  const fillPanel = (p, found) => {
    if (p < 0) {
      const order = [];
      for (let k = 0; k < P; k++) if (loss[k] >= data.bands[0] && !data.processes[k].mirror) order.push(k);
      const size = (k) => loss[k] * Math.max(data.processes[k].people, 1);
      order.sort((a, b) => size(b) - size(a) || a - b);
      shown.fine.hidden = order.length > 0;
      shown.rows.forEach((row, k) => {
        row.item.hidden = k >= order.length;
        row.p = k < order.length ? order[k] : -1;
        if (row.p >= 0) {
          write(row.name, own(data.processes[row.p].name));
          write(row.n, levelText(loss[row.p]));
        }
      });
      return;
    }
    write(shown.big, levelText(loss[p]));
    const copy = worstCopy(p, state.region), low = copy >= 0 && level[copy] < FULL;
    let text = low ? say("lowered", { at: after(lowSince(copy, state.t)) }) : say("fine");
    if (low && state.region < 0 && regionOf[copy] > 0 && copiesOf[p].length > 1) text += ` · ${say("worst_in", { place: data.regions[regionOf[copy] - 1].name })}`;
    write(shown.since, text);
    shown.spark.setAttribute("x1", x(state.t));
    shown.spark.setAttribute("x2", x(state.t));
    for (const { p: k, node, n } of shown.chips) {
      write(n, levelText(loss[k]));
      mark(node, "data-band", String(bandOf(loss[k])));
    }
    const key = found.rows.map((link) => link.row).join(",");
    if (key === shown.whyKey) return;
    shown.whyKey = key;
    shown.whyTitle.hidden = shown.why.hidden = !found.rows.length;
    const items = found.rows.map((link, k) => {
      const item = make("li");
      item.append(make("strong", "", `${copyName(link.copy)}: ${percent(change.level[link.row] / FULL)}`), make("span", "", `${after(change.time[link.row])} · ${reason(link)}`));
      if (found.loop && k === found.rows.length - 1) item.append(make("span", "", `${copyName(link.supplier)} ${say("loop")}`));
      return item;
    });
    shown.why.replaceChildren(...items.reverse());
  };

  // ------------------------------------------------------------------ tables behind the pictures

  const live = { regions: null, processes: null };
  const table = (box, heads, count) => {
    const node = make("table"), head = make("tr"), body = make("tbody"), top = make("thead");
    heads.forEach(([text, figure]) => {
      const th = make("th", figure ? "figure" : "", text);
      th.scope = "col";
      head.append(th);
    });
    const rows = Array.from({ length: count }, () => heads.map(([, figure], k) => {
      const td = make(k ? "td" : "th", figure ? "figure" : "");
      if (!k) td.scope = "row";
      return td;
    }));
    rows.forEach((row) => { const tr = make("tr"); tr.append(...row); body.append(tr); });
    top.append(head);
    node.append(top, body);
    box.replaceChildren(node);
    return rows;
  };
  const buildTables = () => {
    live.regions = live.processes = null;
    if (by("region-table").open) {
      const heads = [[say("region")], [say("inhabitants"), 1], [say("without"), 1], [say("share"), 1]];
      if (state.measure !== "people") heads.push([measureName(), 1]);
      live.regions = table(by("region-table").querySelector(".wide"), heads, R);
    }
    if (by("process-table").open) {
      const heads = [[say("process")], [say("sector")], [say("level"), 1], [say("since"), 1]];
      live.processes = table(by("process-table").querySelector(".wide"), heads, P);
      live.order = Array.from(cells.keys()).sort((a, b) => data.processes[a].sector - data.processes[b].sector || a - b);
    }
  };
  const fillTables = () => {
    if (live.regions) {
      live.regions.forEach((row, r) => {
        const n = awayAt(r, state.t), all = data.regions[r].people;
        const texts = [data.regions[r].name, digits(all), digits(n), percent(all ? n / all : 0)];
        if (state.measure !== "people") texts.push(levelText(measured(r)));
        row.forEach((cell, k) => write(cell, texts[k]));
      });
    }
    if (live.processes) {
      live.processes.forEach((row, k) => {
        const p = live.order[k], copy = worstCopy(p, state.region);
        const since = copy >= 0 && level[copy] < FULL ? after(lowSince(copy, state.t)) : "–";
        const texts = [own(data.processes[p].name), own(data.sectors[data.processes[p].sector]), levelText(loss[p]), since];
        row.forEach((cell, j) => write(cell, texts[j]));
      });
    }
  };
  by("region-table").addEventListener("toggle", () => { buildTables(); want(); });
  by("process-table").addEventListener("toggle", () => { buildTables(); want(); });

  // ------------------------------------------------------------------ measures of the map

  const measureName = () => {
    if (state.measure === "people") return say("people");
    const k = Number(state.measure.slice(1));
    return own(state.measure[0] === "s" ? data.sectors[k] : data.processes[k].name);
  };
  const inRegion = new Float64Array(P);
  const measured = (r) => {
    if (state.measure === "people") return data.regions[r].people ? awayAt(r, state.t) / data.regions[r].people : 0;
    const k = Number(state.measure.slice(1));
    if (state.measure[0] === "p") return lossOf(copiesIn(k, r));
    for (let p = 0; p < P; p++) inRegion[p] = data.processes[p].sector === k ? lossOf(copiesIn(p, r)) : NaN;
    return sectorLoss(k, inRegion);
  };

  // ------------------------------------------------------------------ one step: only texts and marks change

  const nodes = { clock: by("clock"), hour: by("hour"), people: by("people"), where: by("where"), time: by("time"), happening: by("happening") };
  let flagged = "";
  const step = () => {
    const begun = performance.now();
    const { t, region } = state;
    setLevels(t);
    for (let p = 0; p < P; p++) loss[p] = lossOf(copiesIn(p, region));
    for (let p = 0; p < P; p++) {
      const { node, n } = cells[p];
      write(n, levelText(loss[p]));
      mark(node, "data-band", String(bandOf(loss[p])));
    }
    happening(t);
    laneLevels.forEach(({ figure }, s) => write(figure, levelText(sectorLoss(s, loss))));
    regions.forEach(({ node, n }, r) => {
      const value = measured(r), text = state.measure === "people" ? percent(value) : levelText(value);
      if (n.textContent !== text) {
        n.textContent = text;
        if (data.frame) node.setAttribute("aria-label", `${data.regions[r].name}: ${text}`);
      }
      mark(node, "data-band", String(bandOf(value)));
    });
    const total = awayAt(region, t);
    write(nodes.clock, after(t));
    write(nodes.hour, hourOf(t, "full_days"));
    write(nodes.people, large(total));
    write(nodes.where, region < 0 ? "" : ` ${say("here", { place: place() })}`);
    if (Number(nodes.time.value) !== t) nodes.time.value = t;
    mark(nodes.time, "aria-valuetext", [after(t), hourOf(t, "full_days"), `${large(total)} ${say("without_it")}`].filter(Boolean).join(", "));
    nodes.time.style.setProperty("--done", `${(100 * t) / SHOWN}%`);
    chart.cursor.setAttribute("x1", x(t));
    chart.cursor.setAttribute("x2", x(t));
    const p = chosen();
    const copy = p < 0 ? -1 : worstCopy(p, region);
    const found = copy >= 0 && level[copy] < FULL ? chain(copy, t) : { rows: [], loop: false };
    fillPanel(p, found);
    drawArcs(p, found.rows);
    fillTables();
    performance.measure("replay-step", { start: begun, end: performance.now() });
  };
  const happening = (t) => {
    const now = active(t), key = `${lang}|${state.region}|${now.map((event) => events.indexOf(event)).join()}`;
    if (key === flagged) return;
    flagged = key;
    const names = now.map((event) => own(event.name)), rest = now.length > 2 ? ` ${say("more", { n: now.length - 2 })}` : "";
    nodes.happening.replaceChildren(...(now.length ? [make("b", "", `${say("now")} `), names.slice(0, 2).join("; ") + rest] : [say("none_now")]));
    const hits = new Set();
    for (const event of now) for (const i of event.copies) hits.add(i);
    cells.forEach(({ node }, p) => {
      const hit = copiesIn(p, state.region).some((i) => hits.has(i));
      node.classList.toggle("struck", hit);
      if (hit) node.title = say("hit");
      else node.removeAttribute("title");
    });
  };
  let asked = 0;
  const want = () => {
    if (!asked) asked = requestAnimationFrame(() => { asked = 0; step(); });
  };
  const go = (t) => {
    state.t = Math.min(SHOWN, Math.max(0, Math.round(t)));
    want();
  };

  // ------------------------------------------------------------------ the strip of the whole course

  const plot = by("plot");
  const chart = (() => {
    const svg = draw("svg", { viewBox: "0 0 1000 100", preserveAspectRatio: "none", "aria-hidden": "true" });
    const area = draw("path", { class: "area" }), line = draw("path", { class: "line" }), cursor = draw("line", { class: "cursor", y1: 0, y2: 100 });
    svg.append(area, line, draw("line", { class: "base", x1: 0, x2: 1000, y1: 100, y2: 100 }), cursor);
    plot.prepend(svg);
    const starts = Array.from(new Set(events.map((event) => event.from))).filter((t) => t <= SHOWN);
    const flags = starts.map((t) => {
      const flag = make("span", "flag");
      flag.style.left = `${(100 * t) / SHOWN}%`;
      plot.append(flag);
      return { t, flag };
    });
    return { area, line, cursor, flags };
  })();
  // where nobody lacks a basic need it counts processes instead
  const buildChart = () => {
    const peopled = peopleIn(state.region).most > 0, course = peopled ? peopleIn(state.region) : reduced(state.region);
    const path = stepPath(course.times, course.values, Math.max(course.most, 1) * 1.12, 100);
    chart.line.setAttribute("d", path);
    chart.area.setAttribute("d", `${path}V100H0z`);
    for (const { t, flag } of chart.flags) {
      flag.title = `${after(t)} · ${events.filter((event) => event.from === t).map((event) => own(event.name)).join("; ")}`;
    }
    const n = peopled ? large(course.most) : digits(course.most), where = state.region < 0 ? "" : ` ${say("here", { place: place() })}`;
    write(by("said"), say(peopled ? "chart_people" : "chart_processes", { n, where }));
  };
  const pointed = (event) => {
    const b = plot.getBoundingClientRect();
    pause();
    go(Math.round(((event.clientX - b.left) / b.width) * SHOWN / 60) * 60);
  };
  plot.addEventListener("pointerdown", (event) => {
    pointed(event);
    plot.setPointerCapture(event.pointerId);
  });
  plot.addEventListener("pointermove", (event) => { if (plot.hasPointerCapture(event.pointerId)) pointed(event); });

  const TICKS = [1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 672, 1344, 2688];
  const buildTicks = () => {
    const box = by("ticks"), most = Math.max(3, Math.floor(box.clientWidth / 105));
    const every = (TICKS.find((h) => SHOWN / (h * HOUR) <= most) || TICKS[TICKS.length - 1]) * HOUR;
    const marks = [];
    for (let t = 0; t <= SHOWN; t += every) {
      const part = t / SHOWN;
      if (part > 0.96 && part < 1) break;
      const days = every >= DAY ? `D+${t / DAY}` : t % DAY === 0 && t ? `D+${t / DAY}` : t < DAY ? `${t / HOUR} ${say("h")}` : after(t);
      const node = make("span", part === 1 ? "last" : "", every >= DAY && every < 7 * DAY && data.start !== null ? `${days} ${hourOf(t).split(" ")[0]}` : days);
      node.style.left = `${100 * part}%`;
      marks.push(node);
    }
    box.replaceChildren(...marks);
  };

  // ------------------------------------------------------------------ moving through time

  const STRIDES = [60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 259200];
  const stride = STRIDES.find((s) => SHOWN / s <= 400) || STRIDES[STRIDES.length - 1];
  const speeds = (() => {
    const middle = STRIDES.findIndex((s) => SHOWN / s <= 45);
    const k = Math.min(Math.max(middle < 0 ? STRIDES.length - 2 : middle, 2), STRIDES.length - 2);
    return STRIDES.slice(k - 2, k + 2);
  })();
  const timer = by("time"), play = by("play"), speed = by("speed");
  timer.max = SHOWN;
  let before = 0, exact = 0;
  const pause = () => {
    state.playing = false;
    by("deck").classList.remove("playing");
    mark(play, "aria-label", say("play"));
  };
  const tick = (now) => {
    if (!state.playing) return;
    const passed = (now - before) / 1000;
    // with reduced motion the picture changes once a second instead of flowing
    if (!still.matches || passed >= 1) {
      before = now;
      exact += Math.min(passed, 1) * Number(speed.value);
      go(Math.min(exact, SHOWN));
      if (exact >= SHOWN) pause();
    }
    requestAnimationFrame(tick);
  };
  const start = () => {
    if (state.t >= SHOWN) state.t = 0;
    state.playing = true;
    exact = state.t;
    by("deck").classList.add("playing");
    mark(play, "aria-label", say("pause"));
    before = performance.now();
    requestAnimationFrame(tick);
  };
  const toggle = () => (state.playing ? pause() : start());
  play.addEventListener("click", toggle);
  timer.addEventListener("input", () => {
    pause();
    const t = Number(timer.value);
    go(t >= SHOWN ? SHOWN : Math.round(t / 60) * 60);
  });
  const jump = (way) => {
    pause();
    const found = way > 0 ? large_changes.find((t) => t > state.t) : large_changes.filter((t) => t < state.t).pop();
    go(found === undefined ? (way > 0 ? SHOWN : 0) : found);
  };
  by("back").addEventListener("click", () => jump(-1));
  by("next").addEventListener("click", () => jump(1));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.target, onTime = at === timer;
    if (event.key === "Escape" && (state.held >= 0 || state.near >= 0)) {
      if (state.held >= 0) hold(state.held);
      preview(-1);
      return;
    }
    if (!onTime && at.closest("button, select, summary, a, input, [role=button], .wide, .panel")) return;
    const moves = { ArrowLeft: -stride, ArrowDown: -stride, ArrowRight: stride, ArrowUp: stride, PageUp: DAY, PageDown: -DAY };
    const deck = by("deck").getBoundingClientRect();
    // elsewhere on the page the keys keep their own meaning
    if (!onTime && (!["ArrowLeft", "ArrowRight", " "].includes(event.key) || deck.bottom < 0 || deck.top > innerHeight)) return;
    if (event.key === " ") toggle();
    else if (event.key === "Home") { pause(); go(0); }
    else if (event.key === "End") { pause(); go(SHOWN); }
    else if (event.key in moves) { pause(); go(state.t + moves[event.key]); }
    else return;
    event.preventDefault();
  });

  // ------------------------------------------------------------------ language, colours, print

  const fillSelect = (select, groups, value) => {
    select.replaceChildren(...groups.flatMap(([title, options]) => {
      const made = options.map(([key, text]) => { const option = make("option", "", text); option.value = key; return option; });
      if (!title) return made;
      const box = make("optgroup");
      box.label = title;
      box.append(...made);
      return [box];
    }));
    select.value = value;
  };
  const buildTexts = () => {
    for (const node of document.querySelectorAll("[data-nl]")) {
      const text = node.getAttribute(`data-${lang}`);
      if (node.tagName === "TITLE") node.textContent = text;
      else node.setAttribute("aria-label", text);
    }
    mark(play, "aria-label", say(state.playing ? "pause" : "play"));
    tell();
    group.setAttribute("aria-label", `${say("region")}: ${measureName()}`);
    laneLevels.forEach(({ lane, label }, s) => {
      write(label, own(data.sectors[s]));
      lane.setAttribute("aria-label", own(data.sectors[s]));
    });
    cells.forEach((cell, p) => {
      const { name, short } = data.processes[p], cut = own(short).replace(/\u00ad/g, "") !== own(name);
      write(cell.text, own(short));
      // what is shortened to the eye is whole to the ear
      write(cell.whole, cut ? own(name) : "");
      if (cut) cell.text.setAttribute("aria-hidden", "true");
      else cell.text.removeAttribute("aria-hidden");
    });
    const names = (list, key) => list.map((name, k) => [`${key}${k}`, own(name)]);
    const sorted = names(data.processes.map((process) => process.name), "p").sort((a, b) => a[1].localeCompare(b[1], lang));
    fillSelect(by("measure"), [["", [["people", say("people")]]], [say("sectors"), names(data.sectors, "s")], [say("processes"), sorted]], state.measure);
    fillSelect(by("scope"), [["", [["-1", say("country")]]], ["", data.regions.map((region, r) => [String(r), region.name])]], String(state.region));
    fillSelect(speed, [["", speeds.map((s) => [String(s), say("per_second", { d: lasting(s) })])]], speed.value || String(speeds[2]));
    const bounds = data.bands.slice(1).map((b) => `${Math.round(100 * b)}%`);
    by("scale").replaceChildren(...[say("none"), ...bounds.map((text, k) => (k ? `${bounds[k - 1].replace("%", "")}–${text}` : say("upto", { n: text })))].map((text, k) => {
      const item = make("li"), swatch = make("i");
      swatch.dataset.band = k;
      item.append(swatch, text);
      return item;
    }));
    if (data.frame) regions.forEach((region) => { region.n.textContent = ""; });
  };
  const rebuild = () => {
    flagged = drawn = "";
    buildTexts();
    buildTicks();
    buildChart();
    buildPanel();
    buildTables();
    want();
  };
  const speak = (to) => {
    lang = to;
    root.lang = to;
    by("to-nl").setAttribute("aria-pressed", String(to === "nl"));
    by("to-en").setAttribute("aria-pressed", String(to === "en"));
    rebuild();
  };
  by("to-nl").addEventListener("click", () => speak("nl"));
  by("to-en").addEventListener("click", () => speak("en"));
  by("measure").addEventListener("change", (event) => { state.measure = event.target.value; rebuild(); });
  by("scope").addEventListener("change", (event) => { const r = Number(event.target.value); look(r < 0 ? state.region : r); });
  const night = matchMedia("(prefers-color-scheme: dark)");
  const theme = by("theme");
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : night.matches);
  const tell = () => write(theme, say(dark() ? "to_light" : "to_dark"));
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; tell(); });
  night.addEventListener("change", tell);
  by("print").addEventListener("click", () => print());
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll("details:not([open])")).filter((node) => !node.closest(".stage"));
    opened.forEach((node) => { node.open = true; });
  });
  addEventListener("afterprint", () => { opened.forEach((node) => { node.open = false; }); opened = []; });

  let wide = 0;
  new ResizeObserver(() => {
    drawn = "";
    want();
    if (lanes.offsetWidth === wide) return;
    wide = lanes.offsetWidth;
    buildTicks();
  }).observe(lanes);
  root.classList.add("live");
  speak(lang);
})();
