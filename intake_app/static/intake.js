// Comforts: a print button on receipts, one tap that is not counted twice.
(function () {
  "use strict";
  var row = document.querySelector(".tools-row");
  if (row && window.print) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = "打印";
    button.addEventListener("click", function () { window.print(); });
    row.appendChild(button);
  }
  // Browsers that give no focus to a box: what went wrong is to be read first.
  window.addEventListener("load", function () {
    var first = document.querySelector("main [autofocus]");
    if (first && document.activeElement === document.body && !location.hash) { first.focus(); }
  });
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(function () { delete form.dataset.sent; }, 4000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });
})();
