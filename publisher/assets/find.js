/* Search: a plain scan, since that can't miss a part of a word or a number. Whole questions lose their question words; what
   still isn't found is compared with the site's own keywords, one character wrong or missing. Loaded with the index. */
export const finder = (rows, today) => {
  const idle = /请问|我想问|我要|我想|我家|怎么办理|怎么办|怎么|怎样|如何|在哪[里儿]?|哪[里儿天]|什么时候|什么|多少|几号|是谁|找谁|谁管|谁|可以|能不能|需要|应该|[找要吗呢的了在去]/g;
  const common = /接访|接待|时间|安排|反映|问题|情况|电话|地址|地点|办理|流程/g;
  const weight = { matters: 9, leaders: 8, procedures: 7, institutions: 6, contact: 5, statistics: 4, forms: 3, regulations: 3, calendar: 2, notices: 1 };
  const daily = { calendar: 9, institutions: 6, leaders: 3 }, owner = { contact: 12, institutions: 11, matters: 10 };
  const digits = /^\d{3,}$/, day = /\d月|星期[一二三四五六日]$/, meant = /怎么|怎样|如何|流程/, there = /哪|地址|电话/;
  const named = 25, verbatim = 30; /* more than what stands in the text alone can reach; what a whole phrase in the text counts */

  /* ── one way to write things: 01月08日, 星期五, 09908800018 ── */
  const plain = text => text.normalize("NFKC").toLowerCase().replace(/(\d{3,4})-(?=\d{7})/g, "$1").replace(/\d+(?=[月日])/g, one => one.padStart(2, 0))
    .replace(/(?:周|礼拜|星期)([一二三四五六日天])/g, (_, one) => "星期" + one.replace("天", "日"));
  const count = numeral => { const [tens, ones] = ("十" + numeral).split("十").slice(-2), of = one => "一二三四五六七八九".indexOf(one || " ") + 1; return (numeral.includes("十") ? of(tens) || 1 : 0) * 10 + of(ones); };
  const terms = query => plain(query.normalize("NFKC").replace(/./gu, one => simple.get(one) || one)
    .replace(/[一二三四五六七八九十]{1,3}(?=[月日号])/g, count)
    .replace(/(^|\s)(?:(\d{4})[-/.])?(\d\d?)[-/.](\d\d?)(?=\s|$)/g, (_, gap, y, m, d) => `${gap}${y ? y + "年" : ""}${m}月${d}日`)
    .replace(/(月\d\d?)号/g, "$1日").replace(/\d[\d\s-]{5,}\d/g, run => run.replace(/\D/g, "")))
    .replace(/(\d{4}年)?(\d\d月)(\d\d日)?/g, (all, y, m, d) => y && d ? ` ${y}${m} ${m}${d} ` : ` ${all} `).replace(/星期[一二三四五六日]/g, " $& ")
    .split(/[\s,。.?!、;:"'()“”《》]+/).filter(Boolean);
  const parts = asked => {
    const known = asked.map(term => words.has(term) || pages.some(page => page.name.includes(term)) ? term : term.replace(idle, " ")).join(" ").split(" ").filter(Boolean);
    const core = known.join(" ").replace(common, " ").split(" ").filter(Boolean);
    return core.length ? core : known.length ? known : asked;
  };

  const now = today.slice(0, 4) * 12 + +today.slice(5, 7), simple = new Map((rows[rows.length - 1][0].match(/../gu) || []).map(pair => [...pair]));
  const pages = rows.slice(0, -1).map(([path, title, keys, text]) => {
    const kind = path.split("/")[0], [, y, month] = path.match(/(\d{4})-(\d\d)\/$/) || [], away = y ? y * 12 + +month - now : 0, leaf = path.split("/").length > 2 || kind === "contact";
    return { path, title, text, kind, month, name: plain(title).replace(/找谁反映$/, ""), keys: plain(keys).split(" ").filter(Boolean), all: plain(`${title} ${keys} ${text}`),
      base: y ? 2 - Math.min(1.9, away < 0 ? -away / 10 : away / 20) : leaf && weight[kind] || 0 }; /* this month before others */
  });
  const words = new Set();
  pages.forEach(page => [page.name, ...page.keys].forEach(word => words.add(word)));

  /* ── how well a page answers a part of the question ── */
  const times = (text, part) => { let sum = 0; for (let at = text.indexOf(part); at >= 0 && sum < 5; at = text.indexOf(part, at + 1)) sum++; return sum; };
  const inName = (page, part) => page.name === part ? 200 : page.name.includes(part) ? 60 + 60 * part.length / page.name.length : 0;
  const inKeys = (page, part) => Math.max(0, ...page.keys.map(key => key === part ? 55 : key.includes(part) ? 25 + 20 * part.length / key.length : 0));
  const grade = (page, part) => {
    const seen = times(page.all, part);
    if (!seen) return 0;
    if (day.test(part)) return 50 + seen + page.base + 3 * (daily[page.kind] || 0) + (page.month && part.includes(page.month + "月") ? 20 : 0);
    const told = inName(page, part) + inKeys(page, part);
    return seen + (digits.test(part) ? told && told + (owner[page.kind] || 0) : told + page.base);
  };
  const alike = (word, part) => {
    const long = word.length, near = (long - 1) / part.length;
    if (long < 2 || long > part.length + 1) return 0;
    if (part.includes(word)) return 20 + 60 * long / part.length;
    if (long < 3) return 0;
    for (let at = 0; at + long <= part.length; at++) {
      let wrong = 0;
      for (let i = 0; i < long && wrong < 2; i++) wrong += word[i] !== part[at + i];
      if (wrong < 2) return 20 + 50 * near;
    }
    for (let i = 0; i < long; i++) if (part.includes(word.slice(0, i) + word.slice(i + 1))) return 10 + 50 * near;
    return 0;
  };
  /* What no page says as it was asked: for each page, how near its keywords and pairs of characters come. */
  const nearness = (part, marks) => {
    const close = new Map(), pairs = [], sums = pages.map(() => 0);
    for (const word of words) { const sum = alike(word, part); if (sum) close.set(word, sum); }
    for (let i = 0; i < Math.min(part.length - 1, 24); i++) if (!/[ -~]/.test(part.slice(i, i + 2))) pairs.push(part.slice(i, i + 2)); /* two letters mean nothing */
    const found = pairs.map(pair => pages.map(page => page.name.includes(pair) ? 3 : page.all.includes(pair) ? 1 : 0));
    const rare = found.map(hits => Math.log(1 + pages.length / (1 + hits.filter(Boolean).length)));
    const whole = rare.reduce((sum, one) => sum + one, 0);
    pages.forEach((page, at) => {
      for (const word of [page.name, ...page.keys]) sums[at] += close.get(word) || 0;
      sums[at] = Math.min(sums[at], 90) + found.reduce((sum, hits, pair) => sum + 13 * hits[at] * rare[pair] / whole, 0);
    });
    marks.push(...[...close.keys()].sort((a, b) => b.length - a.length), ...pairs);
    return sums;
  };
  const escaped = word => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = word => digits.test(word) ? [...word].join("-?") : escaped(word).replace(/0(?=\d[月日])/g, "0?").replace("星期", "(?:星期|周|礼拜)");
  return query => {
    const asked = parts(terms(query)), marks = [...asked], sums = pages.map(() => ({ sum: 0, kept: 0, met: 0 }));
    let exact = asked.length > 0;
    for (const part of asked) {
      const hits = pages.map(page => grade(page, part)), said = hits.some(Boolean);
      const near = part.length < 2 || digits.test(part) || day.test(part) || hits.some(sum => sum > named) ? null : nearness(part, marks);
      if (!said) exact = false;
      sums.forEach((one, at) => {
        const sum = near ? near[at] + (hits[at] && hits[at] + verbatim) : hits[at];
        one.sum += sum;
        one.met += sum > 0;
        one.kept += said ? sum > 0 : Math.min(1, sum / 60);
      });
    }
    const ranked = pages.map((page, at) => {
      const { sum, kept, met } = sums[at], more = meant.test(query) && page.kind === "procedures" || there.test(query) && page.kind === "institutions" && !page.month;
      return [met > asked.length * 0.4 && sum * kept / asked.length + (more ? 15 : 0) + (exact ? 0 : page.base / 3), page];
    }).sort((a, b) => b[0] - a[0]);
    const least = exact ? 0 : ranked[0][0] * 0.4;
    return { found: ranked.filter(([sum]) => sum > least).map(([, page]) => page), marks: new RegExp(`(${marks.map(pattern).join("|") || "$^"})`, "i"), exact };
  };
};
