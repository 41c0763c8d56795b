  // ------------------------------------------------------------------ words

  const SAY = {
    nl: {
      country: "het hele land", people: "zonder eerste levensbehoefte", sectors: "Sectoren", processes: "Processen",
      without_it: "mensen zonder eerste levensbehoefte", region: "Regio", inhabitants: "Inwoners", without: "Zonder eerste levensbehoefte", share: "Deel", process: "Proces", sector: "Sector",
      level: "Niveau", since: "Minder sinds", play: "Afspelen", pause: "Stilzetten", now: "Nu gaande:", none_now: "Nu is er geen gebeurtenis gaande.",
      more: "en nog {n}", fine: "Werkt volledig.", why: "Waardoor", needs: "Heeft nodig", feeds: "Nodig voor", nothing: "niets in dit model",
      event: "Gebeurtenis {n}: {name}", lacks: "mist {name}, voor: {use}", misled: "krijgt een verkeerd signaal van {name}, voor: {use}",
      restart: "start nog op", unbound: "door niets meer beperkt", loop: "wacht op zijn beurt hierop: dit houdt elkaar neer",
      of_normal: "van gewoon", lowered: "minder dan gewoon sinds {at}", worst: "Nu het hardst geraakt", untouched: "Op dit moment werkt alles.",
      pick: "Kies een proces: dan staat hier wat het nodig heeft, wie het nodig heeft en waardoor het uitvalt.", close: "Loslaten",
      spark: "Verloop van {name}", chart_people: "Mensen zonder een eerste levensbehoefte{where} · hoogste: {n} · ▲ gebeurtenis", chart_processes: "Processen die minder leveren{where} · hoogste: {n} · ▲ gebeurtenis",
      none: "geen", upto: "tot {n}", per_second: "1 s = {d}", here: "in {place}", worst_in: "slechtst in {place}",
      relying: "{n} mensen hangen ervan af", days: ["zo", "ma", "di", "wo", "do", "vr", "za"],
      mln: " mln", mld: " mld", h: "u", selected: "Vastgezet: {name}", looking: "Kijkt naar {place}",
      full_days: ["zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"], national: "landelijk proces", hit: "nu door een gebeurtenis geraakt", to_light: "Licht", to_dark: "Donker",
    },
    en: {
      country: "the whole country", people: "without a basic need", sectors: "Sectors", processes: "Processes",
      without_it: "people without a basic need", region: "Region", inhabitants: "Inhabitants", without: "Without a basic need", share: "Share", process: "Process", sector: "Sector",
      level: "Level", since: "Reduced since", play: "Play", pause: "Pause", now: "Going on now:", none_now: "No event is going on now.",
      more: "and {n} more", fine: "Works in full.", why: "Why", needs: "Needs", feeds: "Needed by", nothing: "nothing in this model",
      event: "Event {n}: {name}", lacks: "lacks {name}, for: {use}", misled: "gets a wrong signal from {name}, for: {use}",
      restart: "is still starting up", unbound: "no longer held back by anything", loop: "waits for this in turn: they hold each other down",
      of_normal: "of normal", lowered: "below normal since {at}", worst: "Hardest hit now", untouched: "At this moment everything works.",
      pick: "Choose a process: this then shows what it needs, who needs it and why it fails.", close: "Let go",
      spark: "Course of {name}", chart_people: "People without a basic need{where} · highest: {n} · ▲ event", chart_processes: "Processes that deliver less{where} · highest: {n} · ▲ event",
      none: "none", upto: "up to {n}", per_second: "1 s = {d}", here: "in {place}", worst_in: "worst in {place}",
      relying: "{n} people rely on it", days: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
      mln: " M", mld: " bn", h: "h", selected: "Held: {name}", looking: "Looking at {place}",
      full_days: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"], national: "national process", hit: "hit by an event now", to_light: "Light", to_dark: "Dark",
    },
  };
  let lang = root.lang === "en" ? "en" : "nl";
  const say = (key, blanks = {}) => SAY[lang][key].replace(/\{(\w+)\}/g, (_, name) => blanks[name]);
  const own = (pair) => pair[lang === "nl" ? 0 : 1];

  // an exact half goes to the even side, as everywhere else in what this program writes
  const fixed = (value, places) => {
    const up = value.toFixed(places), down = (value - 0.5 / 10 ** places).toFixed(places);
    const half = /^50*$/.test(value.toFixed(60).split(".")[1].slice(places));
    return half && Number(up.slice(-1)) % 2 ? down : up;
  };
  const digits = (value, places = 0) => {
    const [whole, rest] = fixed(value, places).split(".");
    const marks = lang === "nl" ? [".", ","] : [",", "."];
    return whole.replace(/\B(?=(\d{3})+(?!\d))/g, marks[0]) + (rest ? marks[1] + rest : "");
  };
  const large = (value) => {
    for (const [key, size] of [["mld", 1e9], ["mln", 1e6]]) {
      if (value >= size * 0.9995) {
        const part = value / size;
        return digits(part, part < 9.995 ? 2 : part < 99.95 ? 1 : 0) + SAY[lang][key];
      }
    }
    return digits(value);
  };
  const percent = (value) => {
    if (value > 0 && value < 0.01) return "<1%";
    if (value > 0.99 && value < 1) return ">99%";
    const parts = 100 * value, down = Math.floor(parts);
    return `${parts - down === 0.5 ? down + (down % 2) : Math.round(parts)}%`;
  };
  const lasting = (seconds) => {
    const minutes = Math.round(seconds / 60);
    if (seconds < 120 && seconds % 60) return `${seconds} s`;
    if (minutes >= 1440) {
      const hours = Math.round(seconds / HOUR);
      return `${Math.floor(hours / 24)} d` + (hours % 24 ? ` ${hours % 24} ${say("h")}` : "");
    }
    const parts = [minutes >= 60 ? `${Math.floor(minutes / 60)} ${say("h")}` : "", minutes % 60 ? `${minutes % 60} min` : ""];
    return parts.filter(Boolean).join(" ") || `0 ${say("h")}`;
  };
  const two = (n) => String(n).padStart(2, "0");
  const after = (t) => `D+${Math.floor(t / DAY)} ${two(Math.floor((t % DAY) / HOUR))}:${two(Math.floor((t % HOUR) / 60))}`;
  const hourOf = (t, names = "days") => {
    if (data.start === null) return "";
    const at = new Date((data.start + t) * 1000);
    return `${SAY[lang][names][at.getUTCDay()]} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  };
