/* Search: every word must occur (a plain scan can't miss a part of a word); whole questions are taken apart. */
(() => {
  const status = document.getElementById("hits"), list = document.getElementById("found"), field = document.getElementById("q");
  const plain = text => text.normalize("NFKC").toLowerCase();
  const digits = text => text.replace(/(\d)[-\s](?=\d)/g, "$1");
  const idle = /请问|我想问|我要|我想|怎么办理|怎么办|怎么|怎样|如何|哪里|哪儿|在哪|什么时候|什么|多少|几号|是谁|找谁|谁管|谁|可以|能不能|需要|应该|要|吗|呢|的|了|在|去/g;
  const weight = { matters: 9, leaders: 8, institutions: 6, procedures: 7, contact: 5, forms: 3, regulations: 3, calendar: 2, notices: 1 };
  let pages;
  const load = async () => pages ||= (await (await fetch(status.dataset.index)).json()).map(([path, title, keys, text]) => {
    const all = digits(plain(`${title} ${keys} ${text}`));
    return { path, title, text, name: plain(title), keys: plain(keys).split(" ").filter(Boolean), all, base: path.split("/").length > 2 && weight[path.split("/")[0]] || 0 };
  });
  const score = (page, words) => {
    let sum = page.base;
    for (const word of words) {
      const at = page.all.indexOf(word);
      if (at < 0) return 0;
      if (page.name.includes(word)) sum += 60 + 60 * word.length / page.name.length;
      else if (page.keys.some(key => key === word)) sum += 50;
      else if (page.keys.some(key => key.includes(word))) sum += 25;
      else sum += Math.min(page.all.split(word).length - 1, 5);
    }
    return sum;
  };
  const near = (page, query, pairs) => {
    let sum = 0;
    for (const key of page.keys) if (key.length > 1 && query.includes(key)) sum += 20 * key.length;
    for (const [pair, rare] of pairs) {
      if (page.name.includes(pair)) sum += 4 * rare;
      else if (page.all.includes(pair)) sum += rare;
    }
    return sum && sum + page.base / 9;
  };
  const find = query => {
    const clean = digits(plain(query)).replace(/[,。.?!、;:"'()“”]/g, " ").trim();
    const words = clean.split(/\s+/).filter(Boolean);
    const rank = scorer => pages.map(page => [scorer(page), page]).filter(([sum]) => sum > 0).sort((a, b) => b[0] - a[0]).slice(0, 30).map(([, page]) => page);
    let found = rank(page => score(page, words));
    if (found.length) return [found, words, true];
    const parts = clean.replace(idle, " ").split(/\s+/).filter(Boolean);
    if (parts.length) found = rank(page => score(page, parts));
    if (found.length) return [found, parts, true];
    const pairs = new Map();
    for (const part of parts) for (let i = 0; i < part.length - 1; i++) {
      const pair = part.slice(i, i + 2), hits = pages.filter(page => page.all.includes(pair)).length;
      if (hits) pairs.set(pair, Math.log(1 + pages.length / hits));
    }
    return [rank(page => near(page, clean, pairs)), [...pairs.keys()], false];
  };
  const excerpt = (text, words) => {
    const low = plain(text), at = Math.min(...words.map(word => low.indexOf(word)).filter(i => i >= 0), low.length);
    const from = at === low.length ? 0 : Math.max(0, at - 24), made = document.createElement("p");
    const piece = text.slice(from, from + 90);
    const marks = words.map(word => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
    if (from) made.append("…");
    (marks ? piece.split(new RegExp(`(${marks})`, "i")) : [piece]).forEach((part, index) => {
      if (index % 2) { const mark = document.createElement("mark"); mark.textContent = part; made.append(mark); } else made.append(part);
    });
    if (from + 90 < text.length) made.append("…");
    return made;
  };
  const show = async query => {
    list.textContent = "";
    if (!query.trim()) { status.textContent = ""; return; }
    status.textContent = "正在搜索……";
    try { await load(); } catch { status.textContent = "没有取到搜索数据，请稍后再试，或从网站地图里找。"; return; }
    const [found, words, exact] = find(query.slice(0, 60));
    status.textContent = !found.length ? `没有找到“${query}”。换个说法试试，或打电话问。` : exact ? `找到${found.length}${found.length === 30 ? "个以上" : "个"}页面` : "没有完全符合的，下面这些比较接近";
    const root = status.dataset.index.replace("assets/search.json", "");
    for (const page of found) {
      const item = document.createElement("li"), link = document.createElement("a");
      item.className = "hit"; link.href = root + page.path; link.textContent = page.title;
      item.append(link, excerpt(page.text, words));
      list.append(item);
    }
  };
  const query = new URLSearchParams(location.search).get("q") || "";
  field.value = query;
  show(query);
  let waiting;
  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => show(field.value), 200); });
})();
