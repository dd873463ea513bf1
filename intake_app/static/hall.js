// The hall's screen renews itself. When the desk does not answer, the last numbers stay, marked as old.
(function () {
  "use strict";
  function renew() {
    fetch(location.href, { cache: "no-store", redirect: "manual" }).then(function (answer) {
      if (answer.type === "opaqueredirect") { location.reload(); return null; } // the day is over
      if (!answer.ok) { throw new Error(answer.status); }
      return answer.text();
    }).then(function (text) {
      if (text === null) { return; }
      var page = new DOMParser().parseFromString(text, "text/html");
      document.querySelector("main").replaceWith(page.querySelector("main"));
    }).catch(function () { document.querySelector("main .old").hidden = false; });
  }
  setInterval(renew, 15000);
})();
