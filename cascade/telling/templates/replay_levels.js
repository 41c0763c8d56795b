  // ------------------------------------------------------------------ levels at a moment

  const P = data.processes.length, R = data.regions.length, S = data.sectors.length;
  const processOf = unpack(data.copies.process), regionOf = unpack(data.copies.region), people = unpack(data.copies.people);
  const N = processOf.length;
  const change = {};
  for (const key of Object.keys(data.changes)) change[key] = unpack(data.changes[key]);
  const first = change.first;

  const latest = (copy, t) => {
    let low = first[copy], high = first[copy + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (change.time[middle] <= t) low = middle + 1;
      else high = middle;
    }
    return low > first[copy] ? low - 1 : -1;
  };

  const copiesOf = Array.from({ length: P }, () => []);
  const local = Array.from({ length: P }, () => new Map());
  const populated = new Float64Array(P);
  for (let i = 0; i < N; i++) populated[processOf[i]] += people[i];
  const weight = Float64Array.from(processOf, (p, i) => (populated[p] > 0 ? people[i] : 1));
  for (let i = 0; i < N; i++) {
    const p = processOf[i], r = regionOf[i] - 1;
    copiesOf[p].push(i);
    if (!local[p].has(r)) local[p].set(r, []);
    local[p].get(r).push(i);
  }
  const copiesIn = (p, r) => (r < 0 ? copiesOf[p] : local[p].get(r) || (data.processes[p].regional ? [] : copiesOf[p]));
  const level = new Uint16Array(N).fill(FULL);
  const cursor = new Uint32Array(N); // rows of a copy's changes up to and including now
  for (let i = 0; i < N; i++) cursor[i] = first[i];

  const setLevels = (t) => {
    for (let i = 0; i < N; i++) {
      const begin = first[i], end = first[i + 1];
      if (begin === end) continue;
      let k = cursor[i];
      while (k < end && change.time[k] <= t) k++;
      while (k > begin && change.time[k - 1] > t) k--;
      cursor[i] = k;
      level[i] = k > begin ? change.level[k - 1] : FULL;
    }
  };
  // share lost over some copies, weighed by inhabitants; whole numbers until the last division
  const lossOf = (copies) => {
    let lost = 0, all = 0;
    for (const i of copies) {
      lost += weight[i] * (FULL - level[i]);
      all += weight[i];
    }
    if (all === 0 && copies.length) {
      for (const i of copies) lost += FULL - level[i];
      return lost / (FULL * copies.length);
    }
    return all > 0 ? lost / (FULL * all) : copies.length ? 0 : NaN;
  };
  const sectorLoss = (s, loss) => {
    let sum = 0, all = 0;
    for (let p = 0; p < P; p++) {
      const process = data.processes[p];
      if (process.sector === s && !Number.isNaN(loss[p])) {
        sum += process.weight * loss[p];
        all += process.weight;
      }
    }
    return all > 0 ? sum / all : NaN;
  };
  const bandOf = (lost) => {
    if (!(lost >= data.bands[0])) return 0;
    for (let k = 1; k < data.bands.length; k++) if (lost <= data.bands[k]) return k;
    return data.bands.length - 1;
  };
  // dust of the arithmetic is no loss
  const levelText = (lost) => (Number.isNaN(lost) ? "–" : percent(lost < 1e-9 ? 1 : 1 - lost));

  const away = {};
  for (const key of Object.keys(data.without)) away[key] = unpack(data.without[key]);
  // people without a basic need at a moment, in one region or, counted exactly, in all
  const awayAt = (r, t) => {
    const times = r < 0 ? away.all_time : away.time, counts = r < 0 ? away.all_people : away.people;
    const begin = r < 0 ? 0 : away.first[r];
    let low = begin, high = r < 0 ? times.length : away.first[r + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] <= t) low = middle + 1;
      else high = middle;
    }
    return low > begin ? counts[low - 1] : 0;
  };

  const events = data.events.map((event) => ({ ...event, copies: new Set(unpack(event.hits)) }));
  const active = (t) => events.filter((event) => event.from <= t && t < event.to);

  // ------------------------------------------------------------------ why: the chain back to the event

  const worstCopy = (p, r) => {
    let found = -1;
    for (const i of copiesIn(p, r)) {
      if (found < 0 || level[i] < level[found] || (level[i] === level[found] && weight[i] > weight[found])) found = i;
    }
    return found;
  };
  const chain = (copy, t) => {
    const rows = [], seen = new Set();
    let row = latest(copy, t), at = copy;
    while (row >= 0 && !seen.has(at)) {
      seen.add(at);
      const supplier = change.supplier[row] - 1;
      rows.push({ copy: at, row, supplier });
      if (supplier < 0) break;
      row = latest(supplier, change.time[row]);
      at = supplier;
    }
    const last = rows[rows.length - 1];
    return { rows, loop: Boolean(last && last.supplier >= 0 && seen.has(last.supplier)) };
  };
  const lowSince = (copy, t) => {
    let row = latest(copy, t), since = t;
    while (row >= first[copy] && change.level[row] < FULL) since = change.time[row--];
    return since;
  };
  const copyName = (i) => {
    const name = own(data.processes[processOf[i]].name), r = regionOf[i] - 1;
    if (data.copies.names.length && data.copies.names[i]) return `${name}, ${data.copies.names[i]}`;
    return r >= 0 ? `${name}, ${data.regions[r].name}` : name;
  };
  const reason = (link) => {
    const kind = change.kind[link.row], parts = [];
    if (kind === 3) parts.push(say("restart"));
    const event = change.event[link.row] - 1;
    if (event >= 0) parts.push(say("event", { n: event + 1, name: own(events[event].name) }));
    const need = change.need[link.row] - 1;
    if (need >= 0 && link.supplier >= 0) {
      const use = own(data.processes[processOf[link.copy]].needs[need].use);
      parts.push(say(change.wrong[link.row] ? "misled" : "lacks", { name: copyName(link.supplier), use }));
    }
    return parts.join("; ") || say("unbound");
  };

  // ------------------------------------------------------------------ the whole course, worked out once

  // people without a basic need, in one region or in all
  const peopleIn = (region) => {
    const begin = region < 0 ? 0 : away.first[region], end = region < 0 ? away.all_time.length : away.first[region + 1];
    const times = Array.from((region < 0 ? away.all_time : away.time).subarray(begin, end));
    const values = Array.from((region < 0 ? away.all_people : away.people).subarray(begin, end));
    return { times, values, most: values.reduce((a, b) => Math.max(a, b), 0) };
  };
  // steps of a sum from its changes [time, by how much]
  function steps(rows) {
    rows.sort((a, b) => a[0] - b[0]);
    const times = [0], values = [0];
    let sum = 0;
    for (const [t, d] of rows) {
      sum += d;
      if (times[times.length - 1] === t) values[values.length - 1] = sum;
      else { times.push(t); values.push(sum); }
    }
    return { times, values, most: values.reduce((a, b) => Math.max(a, b), 0) };
  }
  const reduced = (region) => {
    const rows = [];
    for (let p = 0; p < P; p++) {
      if (data.processes[p].mirror) continue;
      let was = 0;
      for (const [t, lost] of courseOf(copiesIn(p, region))) {
        const now = lost >= 0.01 ? 1 : 0;
        if (now !== was) rows.push([t, now - was]);
        was = now;
      }
    }
    return steps(rows);
  };
  // share lost of some copies over time
  function courseOf(copies) {
    const rows = [];
    let all = 0;
    for (const i of copies) all += weight[i];
    for (const i of copies) {
      const part = all > 0 ? weight[i] : 1;
      for (let k = first[i]; k < first[i + 1]; k++) rows.push([change.time[k], part * ((k > first[i] ? change.level[k - 1] : FULL) - change.level[k])]);
    }
    const { times, values } = steps(rows), whole = FULL * (all > 0 ? all : Math.max(copies.length, 1));
    return times.map((t, k) => [t, values[k] / whole]);
  }
  const large_changes = (() => {
    const found = new Set([0, SHOWN]);
    for (const event of events) {
      found.add(event.from);
      if (event.to < data.horizon) found.add(event.to);
    }
    for (let i = 0; i < N; i++) {
      for (let k = first[i]; k < first[i + 1]; k++) {
        const before = k > first[i] ? change.level[k - 1] : FULL;
        if (Math.abs(change.level[k] - before) >= FULL / 10) found.add(change.time[k]);
      }
    }
    return Array.from(found).filter((t) => t <= SHOWN).sort((a, b) => a - b);
  })();
