/* What a careful eye would find wrong with the page that is open; called by tests/looks.py.

   Every check returns sentences: what is wrong, and where. None of them changes the page. */
(() => {
  "use strict";
  const HOT = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const INLINE = "inline";
  const name = (one) => {
    const said = (one.innerText || one.value || one.name || "").trim().slice(0, 24);
    return `${one.localName}${one.className ? "." + one.className : ""} “${said}”`;
  };
  /* Headings of a table that has become a list are there for reading voices alone, clipped away. */
  const forVoices = (one) => one && (getComputedStyle(one).clipPath !== "none" || forVoices(one.parentElement));
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".trap") && !forVoices(one);
  const rects = (one) => [...one.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
  const onScreen = (box) => box.right > 0 && box.bottom > 0; // skip links wait outside
  const scrolls = (one) => one.closest(".scroll, textarea, select");

  /* Text nodes that are seen, each with its lines. Made anew for each state of the page. */
  const lines = () => {
    const found = [], range = document.createRange();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const node = walk.currentNode, owner = node.parentElement;
      if (!node.data.trim() || owner.closest("script, style, noscript, option, optgroup") || !seen(owner)) continue;
      range.selectNodeContents(node);
      const boxes = rects(range).filter(onScreen);
      if (boxes.length) found.push({ node, owner, boxes });
    }
    return found;
  };
  const quote = (line) => `“${line.node.data.trim().slice(0, 24)}”`;

  /* ── layout ── */
  const sideways = () => {
    const wide = document.documentElement.scrollWidth;
    return wide > innerWidth ? [`sideways: ${wide} > ${innerWidth}`] : [];
  };
  const clipped = () => lines().flatMap((line) => {
    const told = [];
    if (!scrolls(line.owner) && line.boxes.some((box) => box.left < -1 || box.right > innerWidth + 1)) told.push(`off the page: ${quote(line)}`);
    for (let box = line.owner; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.display === INLINE || style.display === "contents") continue;
      const edge = box.getBoundingClientRect();
      if (line.boxes.some((one) => one.right > edge.right + 1 || one.left < edge.left - 1)) told.push(`out of ${name(box)}: ${quote(line)}`);
      if (!/auto|scroll/.test(style.overflowX) && (style.overflowX !== "visible" || style.overflowY !== "visible")
          && (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1)) told.push(`cut by ${name(box)}: ${quote(line)}`);
      if (style.display !== "inline-block") break;
    }
    return told;
  });
  const overlaid = () => {
    const all = lines().flatMap((line) => line.boxes.map((box) => ({
      line, left: box.left + 1, right: box.right - 1, top: box.top + box.height * 0.22, bottom: box.bottom - box.height * 0.22,
    }))).sort((a, b) => a.top - b.top);
    const told = [];
    all.forEach((one, at) => {
      for (let next = at + 1; next < all.length && all[next].top < one.bottom; next++) {
        const other = all[next];
        if (other.line !== one.line && other.left < one.right && one.left < other.right) told.push(`text over text: ${quote(one.line)} and ${quote(other.line)}`);
      }
    });
    return told;
  };

  /* ── fingers ── */
  const hot = () => [...document.querySelectorAll(HOT)].filter((one) => seen(one) && rects(one).some(onScreen));
  /* A link within a sentence is as high as the sentence lets it be (WCAG 2.5.8, "inline"). */
  const inSentence = (one) => {
    if (one.localName !== "a" || getComputedStyle(one).display !== INLINE) return false;
    const block = one.parentElement.closest("p, li, td, dd, dt, th, div, h1, h2, h3");
    return block.innerText.trim() !== one.innerText.trim();
  };
  const area = (one) => {
    const label = /radio|checkbox/.test(one.type) && one.closest(".pick");
    return (label || one).getBoundingClientRect();
  };
  const MAIN = ".btn, .bar a, button, select, textarea, summary, .pick input, .chips a, .tools a, .find input, .ask input, .bad a";
  const small = () => hot().flatMap((one) => {
    const box = area(one), least = one.matches(MAIN) && !one.closest(".trap") ? 44 : 24;
    if (least === 24 && inSentence(one)) return [];
    const low = box.height < least - 0.5, narrow = box.width < least - 0.5;
    return low || narrow ? [`target ${Math.round(box.width)}×${Math.round(box.height)} < ${least}: ${name(one)}`] : [];
  });
  const crossed = () => {
    const all = hot().filter((one) => !one.closest(".pick")).flatMap((one) => rects(one).map((box) => ({ one, box })));
    all.sort((a, b) => a.box.top - b.box.top);
    const told = [];
    all.forEach(({ one, box }, at) => {
      for (let next = at + 1; next < all.length && all[next].box.top < box.bottom - 1; next++) {
        const other = all[next];
        if (other.one === one || one.contains(other.one) || other.one.contains(one)) continue;
        if (other.box.left < box.right - 1 && box.left < other.box.right - 1) told.push(`target on target: ${name(one)} and ${name(other.one)}`);
      }
    });
    return told;
  };

  /* ── colours ── */
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const rgba = (words) => {
    if (!known.has(words)) {
      brush.clearRect(0, 0, 1, 1); brush.fillStyle = words; brush.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data;
      known.set(words, [r, g, b, a / 255]);
    }
    return known.get(words);
  };
  const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3])).concat(1);
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  /* All colours that may lie behind: a pattern has several. */
  const behind = (one) => {
    if (!one) return [rgba(getComputedStyle(document.documentElement).colorScheme === "dark" ? "#121212" : "#fff")];
    const style = getComputedStyle(one), colour = rgba(style.backgroundColor);
    const stops = style.backgroundImage.match(/rgba?\([^)]*\)/g);
    if (stops) return stops.map((stop) => rgba(stop));
    if (colour[3] === 1) return [colour];
    const below = behind(one.parentElement);
    return colour[3] ? below.map((deep) => over(colour, deep)) : below;
  };
  const floor = (style) => {
    const size = parseFloat(style.fontSize);
    return size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
  };
  const pale = () => {
    const told = new Set();
    const judge = (style, grounds, words) => {
      const worst = Math.min(...grounds.map((ground) => contrast(over(rgba(style.color), ground), ground)));
      if (worst < floor(style) - 0.005) told.add(`contrast ${worst.toFixed(2)}: ${words}`);
    };
    for (const line of lines()) {
      if (line.owner.closest("svg")) continue;
      judge(getComputedStyle(line.owner), behind(line.owner), `${name(line.owner)} ${quote(line)}`);
    }
    for (const one of document.querySelectorAll("main *, header *, footer *")) {
      if (!seen(one)) continue;
      for (const part of ["::before", "::after"]) {
        const style = getComputedStyle(one, part);
        if (!/["c]/.test(style.content) || style.content === '""') continue;
        const own = rgba(style.backgroundColor);
        judge(style, own[3] === 1 ? [own] : behind(one), `${name(one)}${part}`);
      }
      if (one.matches("input, textarea, select")) {
        judge(getComputedStyle(one), behind(one), name(one));
        if (one.placeholder) judge(getComputedStyle(one, "::placeholder"), behind(one), `${name(one)} placeholder`);
        const style = getComputedStyle(one), edge = rgba(style.borderTopColor);
        if (parseFloat(style.borderTopWidth) && behind(one.parentElement).some((ground) => contrast(over(edge, ground), ground) < 3)) told.add(`border of ${name(one)}`);
      }
    }
    for (const text of document.querySelectorAll("svg text")) {
      if (!seen(text)) continue;
      const at = text.getBoundingClientRect(), y = at.top + at.height / 2, x = at.left + at.width / 2;
      const boxes = [...text.ownerSVGElement.querySelectorAll("rect")].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.left <= x && x <= box.right && box.top <= y && y <= box.bottom && getComputedStyle(one).fill !== "none";
      });
      const grounds = boxes.length ? [rgba(getComputedStyle(boxes.at(-1)).fill)] : behind(text.ownerSVGElement.parentElement);
      const style = getComputedStyle(text);
      judge({ color: style.fill, fontSize: style.fontSize, fontWeight: style.fontWeight }, grounds, `svg ${text.textContent}`);
    }
    return [...told];
  };

  /* ── keyboard ── */
  const unfocused = () => {
    const before = document.activeElement, told = [];
    for (const one of document.querySelectorAll(`${HOT}, [tabindex="0"]`)) {
      if (!seen(one) || one.closest("[aria-hidden=true]") || one.disabled) continue;
      one.focus({ focusVisible: true, preventScroll: true });
      const style = getComputedStyle(one), wide = parseFloat(style.outlineWidth);
      if (document.activeElement !== one) { told.push(`takes no focus: ${name(one)}`); continue; }
      const grounds = behind(parseFloat(style.outlineOffset) < 0 ? one : one.parentElement);
      const worst = Math.min(...grounds.map((ground) => contrast(rgba(style.outlineColor), ground)));
      if (style.outlineStyle === "none" || wide < 2 || worst < 3) told.push(`focus ${style.outlineStyle} ${wide}px ${worst.toFixed(2)}: ${name(one)}`);
    }
    if (before && before.focus) before.focus({ preventScroll: true }); else document.activeElement.blur();
    return told;
  };

  /* Nobody is thrown back up the page: the next stop is never wholly above, unless in the next column. */
  const order = () => hot().flatMap((one, at, all) => {
    if (one.tabIndex > 0) return [`jumps the queue: ${name(one)}`];
    const here = one.getBoundingClientRect(), before = at && all[at - 1].getBoundingClientRect();
    return before && here.bottom <= before.top && here.left < before.right ? [`up again from ${name(all[at - 1])} to ${name(one)}`] : [];
  });

  /* ── structure ── */
  const headings = () => {
    const told = [], all = [...document.querySelectorAll("h1, h2, h3, h4")].filter((one) => one.checkVisibility());
    if (document.querySelectorAll("h1").length !== 1) told.push("not one h1");
    const range = document.createRange();
    all.forEach((one, at) => {
      const level = Number(one.localName[1]), next = all[at + 1];
      if (!one.innerText.trim()) told.push(`heading without words: ${name(one)}`);
      if (at && level - Number(all[at - 1].localName[1]) > 1) told.push(`heading skips a level: ${name(one)}`);
      if (next && Number(next.localName[1]) > level) return;
      range.setStartAfter(one);
      if (next) range.setEndBefore(next); else range.setEndAfter(document.getElementById("main").lastChild);
      const below = range.cloneContents();
      if (!below.textContent.trim() && !below.querySelector("svg, input")) told.push(`nothing below heading ${name(one)}`);
    });
    return told;
  };
  const tables = () => [...document.querySelectorAll("table")].flatMap((table) => {
    const told = [];
    if (!table.caption || !table.caption.textContent.trim()) told.push(`table without caption: ${name(table)}`);
    table.querySelectorAll("th:not([scope])").forEach((one) => told.push(`header without scope: ${name(one)}`));
    if (!table.querySelector("th")) told.push(`table without headers: ${name(table)}`);
    return told;
  });
  const references = () => [...document.querySelectorAll("[aria-describedby], [aria-labelledby], label[for], a[href^='#']")].flatMap((one) => {
    const ids = `${one.getAttribute("aria-describedby") || ""} ${one.getAttribute("aria-labelledby") || ""} ${one.htmlFor || ""} ${(one.hash || "").slice(1)}`;
    return ids.split(" ").filter((id) => id && !document.getElementById(decodeURIComponent(id))).map((id) => `leads to nothing: #${id}`);
  });
  /* Words of another language are marked, so that a reading voice says them. Names of formats, addresses and numbers are not words. */
  const ACRONYM = /(?<![A-Za-z])(?:PDF|CSV|JSON|Excel|Atom|JPEG|PNG|KB|MB|ICP|Cookie)(?![A-Za-z])|[\w.+-]+@[\w.-]+|https?:\S+|[A-Z0-9]{4}(?:-[A-Z0-9]{4})+|\.[a-z]{3,4}(?![A-Za-z])/g;
  const foreign = () => lines().filter((line) => !line.owner.closest("[lang]:not(html)"))
    .filter((line) => /[A-Za-z]{2,}|[\u0600-\u06ff]/.test(line.node.data.replace(ACRONYM, ""))).map((line) => `no language told: ${quote(line)}`);

  /* ── moving and screens alone ── */
  const moving = () => {
    const told = document.getAnimations().map(() => "something moves");
    if (getComputedStyle(document.documentElement).scrollBehavior === "smooth") told.push("scrolling glides");
    for (const one of document.querySelectorAll("*")) {
      const style = getComputedStyle(one);
      if (style.transitionDuration !== "0s" || style.animationName !== "none") told.push(`moves: ${name(one)}`);
    }
    return told;
  };
  /* Filled fields may be printed: they are what somebody wrote. */
  const screenOnly = () => [...document.querySelectorAll("nav, button, .past > summary, .btn, .skip, .tools, .find, .now-tag")]
    .filter((one) => one.checkVisibility() && onScreen(one.getBoundingClientRect())).map((one) => `printed: ${name(one)}`);
  /* Without the page's own backgrounds a button, a badge and the place where one is still have an edge. */
  const edgeless = () => [...document.querySelectorAll(".btn, .tag, .box, .why, [aria-current=true], [aria-current=page]:not(li), [aria-pressed=true]")]
    .filter((one) => seen(one)).filter((one) => {
      const style = getComputedStyle(one);
      return ["Top", "Right", "Bottom", "Left"].every((side) => !parseFloat(style[`border${side}Width`])) && style.outlineStyle === "none";
    }).map((one) => `no edge: ${name(one)}`);

  const checks = { sideways, clipped, overlaid, small, crossed, pale, unfocused, order, headings, tables, references, foreign, moving, screenOnly, edgeless };
  window.looks = (names) => names.flatMap((one) => checks[one]().map((told) => `${one} · ${told}`));
  /* The main part's words, as they are read. */
  window.wordsOf = () => [...new Set(document.getElementById("main").innerText.split(/\s+/))].filter(Boolean);
})();
