/* Adds to pages that are whole without it: today's mark, large print, high contrast, read-aloud, the simple version kept. */
(() => {
  const root = document.documentElement, store = (key, value) => {
    try { return value === undefined ? localStorage.getItem(key) : localStorage.setItem(key, value); } catch { return null; }
  };
  const tools = document.getElementById("tools");
  const button = (label, act, where = tools) => {
    const made = document.createElement("button");
    made.type = "button"; made.textContent = label; made.onclick = () => act(made);
    where && where.append(made);
    return made;
  };
  const sizes = ["", "large", "huge"], names = ["大字", "特大字", "正常字"];
  const size = number => {
    root.classList.remove("large", "huge");
    if (sizes[number]) root.classList.add(sizes[number]);
    big.textContent = names[number]; store("size", number);
  };
  const big = button("大字", () => size((Number(store("size") || 0) + 1) % 3));
  size(Number(store("size") || 0) % 3 || 0);
  const contrast = on => { root.classList.toggle("contrast", on); sharp.setAttribute("aria-pressed", on); store("contrast", on ? 1 : ""); };
  const sharp = button("高对比", () => contrast(!root.classList.contains("contrast")));
  contrast(store("contrast") === "1");
  if ("speechSynthesis" in window && window.SpeechSynthesisUtterance) {
    const say = button("朗读", () => {
      const quiet = speechSynthesis.speaking;
      speechSynthesis.cancel();
      say.setAttribute("aria-pressed", !quiet);
      if (quiet) return;
      const parts = document.getElementById("main").innerText.match(/[^。!?;！？；\n]{1,120}[。!?;！？；\n]?/g) || [];
      parts.forEach((part, index) => {
        const words = new SpeechSynthesisUtterance(part);
        words.lang = "zh-CN"; words.rate = 0.9;
        if (index === parts.length - 1) words.onend = () => say.setAttribute("aria-pressed", false);
        speechSynthesis.speak(words);
      });
    });
    say.setAttribute("aria-pressed", false);
    addEventListener("pagehide", () => speechSynthesis.cancel());
  }
  /* The simple version is kept until the full one is asked for: the way in leads there. */
  const mode = tools && tools.querySelector("a"), logo = document.querySelector(".logo");
  if (mode) {
    tools.append(mode);
    const simple = document.querySelector(".simple"), home = location.href.split(/[?#]/)[0] === logo.href;
    if (!simple && home && store("simple")) location.replace(mode.href);
    if (simple) { mode.textContent = "完整版"; mode.href = logo.href; }
    [mode, ...document.querySelectorAll(".simple [data-full]")].forEach(link => { link.onclick = () => store("simple", simple ? "" : 1); });
  }
  const paper = document.getElementById("paper");
  if (paper) {
    const line = document.createElement("p");
    line.className = "noprint";
    button("打印这张表", () => print(), line).className = document.querySelector("main .go") ? "btn" : "btn go";
    paper.after(line);
  }
  /* What can be scrolled sideways can be reached by keyboard. */
  document.querySelectorAll(".scroll").forEach(box => { if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; });
  /* What is folded away is printed too, in browsers whose style sheet can't unfold it. */
  addEventListener("beforeprint", () => document.querySelectorAll("details:not([open])").forEach(one => { one.open = true; one.dataset.shut = ""; }));
  addEventListener("afterprint", () => document.querySelectorAll("[data-shut]").forEach(one => { one.open = false; delete one.dataset.shut; }));
  /* The page was built some days ago: say what is true today, in Shanghai. */
  const today = root.dataset.today || new Date(Date.now() + 288e5).toISOString().slice(0, 10);
  const words = { tag: "今天有接访", next: "下一次接访" };
  const mark = where => {
    const tag = document.createElement("span");
    tag.className = "tag now-tag"; tag.textContent = "今天";
    where.append(" ", tag);
  };
  document.querySelectorAll(".today").forEach(old => { if (old.dataset.d !== today) { old.classList.remove("today"); old.querySelectorAll(".now-tag").forEach(tag => tag.remove()); } });
  document.querySelectorAll(".simple [data-d]").forEach(item => { if (item.dataset.d < today) item.remove(); });
  document.querySelectorAll(`.grid td[data-d="${today}"]`).forEach(cell => { if (!cell.classList.contains("today")) { cell.classList.add("today"); mark(cell.querySelector(".d")); } });
  document.querySelectorAll(`.list>li[data-d="${today}"]:not([data-x],.today)`).forEach(item => {
    item.classList.add("today");
    mark(item.querySelector(".when"));
  });
  const card = document.getElementById("next");
  if (card && card.dataset.d === today) card.querySelector("h2").textContent = words.tag;
  if (card && card.dataset.d < today) {
    const item = [...document.querySelectorAll(".list>li:not([data-x])")].filter(one => one.dataset.d >= today).sort((a, b) => a.dataset.d < b.dataset.d ? -1 : 1)[0];
    if (!item) { card.remove(); return; }
    const [year, month, day] = item.dataset.d.split("-").map(Number), who = item.children[1].cloneNode(true);
    card.dataset.d = item.dataset.d;
    card.querySelector("h2").textContent = item.dataset.d === today ? words.tag : words.next;
    const leaf = card.querySelector(".leaf");
    leaf.innerHTML = "<b></b><i></i>";
    leaf.children[0].textContent = `${year}年${month}月`; leaf.children[1].textContent = day;
    leaf.append("星期" + "日一二三四五六"[new Date(item.dataset.d).getUTCDay()]);
    leaf.nextElementSibling.replaceWith(who);
    /* place, hours and the end of booking were those of a session that is over */
    card.querySelectorAll(".old,.again").forEach(part => part.remove());
    const common = item.closest("section").querySelector(".common");
    if (common) who.append(common.cloneNode(true));
  }
})();
