/* The search page. What finds, and the text of all pages, is loaded when somebody searches. */
(() => {
  const status = document.getElementById("hits"), list = document.getElementById("found"), none = document.getElementById("none"), field = document.getElementById("q");
  const root = status.dataset.root, most = 30;
  let loading, turn = 0, waiting;
  const load = async () => {
    const [{ finder }, rows] = await Promise.all([import("./find.js"), fetch(root + "assets/search.json").then(answer => answer.json())]);
    return finder(rows, document.documentElement.dataset.today || new Date(Date.now() + 288e5).toISOString().slice(0, 10));
  };
  const excerpt = (text, marks) => {
    const from = Math.max(0, text.search(marks) - 24), made = document.createElement("p");
    if (from) made.append("…");
    text.slice(from, from + 90).split(marks).forEach((piece, index) => {
      if (index % 2) { const mark = document.createElement("mark"); mark.textContent = piece; made.append(mark); } else made.append(piece);
    });
    if (from + 90 < text.length) made.append("…");
    return made;
  };
  const show = async query => {
    const mine = ++turn;
    if (!query.trim()) { list.textContent = status.textContent = ""; none.hidden = true; return; }
    status.textContent = "正在搜索……";
    let find;
    try { find = await (loading = loading || load()); } catch (error) { loading = null; }
    if (mine !== turn) return; /* somebody typed on */
    list.textContent = "";
    if (!find) { status.textContent = "没有取到搜索数据，请稍后再试。"; none.hidden = false; return; }
    const { found, marks, exact } = find(query.slice(0, 60));
    none.hidden = found.length > 0;
    status.textContent = !found.length ? `没有找到“${query}”。` : exact ? `找到${found.length}个页面${found.length > most ? `，先列出${most}个` : ""}` : "没有完全一样的，下面这些比较接近";
    for (const page of found.slice(0, most)) {
      const item = document.createElement("li"), link = document.createElement("a");
      item.className = "hit"; link.href = root + page.path; link.textContent = page.title;
      item.append(link, excerpt(page.text, marks));
      list.append(item);
    }
  };
  field.value = new URLSearchParams(location.search).get("q") || "";
  show(field.value);
  const later = () => { clearTimeout(waiting); waiting = setTimeout(() => show(field.value), 200); };
  field.addEventListener("input", event => event.isComposing || later()); /* pinyin that is still being typed is no question */
  field.addEventListener("compositionend", later);
  field.form.addEventListener("submit", event => {
    event.preventDefault();
    clearTimeout(waiting);
    history.replaceState(null, "", "?q=" + encodeURIComponent(field.value));
    show(field.value);
  });
})();
