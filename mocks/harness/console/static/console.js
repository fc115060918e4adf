// What the page needs beyond htmx: signing in by link, the ticking clock, the live journal.
"use strict";

// A link of `homeroom up` carries the token behind '#', which no server and no log ever sees.
const login = document.getElementById("login");
if (login) {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    history.replaceState(null, "", location.pathname);
    login.elements.token.value = given;
    login.submit();
  }
} else {
  start();
}

function start() {
  document.body.addEventListener("change", (event) => {
    if (event.target.id === "fault-kind") {
      const chosen = event.target.selectedOptions[0];
      document.getElementById("fault-parameters").value = chosen.dataset.parameters;
    }
    if (event.target.id === "space") event.target.form.submit();
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "exchange" || event.target.id === "found") {
      event.target.scrollIntoView({ block: "nearest" });
    }
    if (event.target.id === "journal-panel") showLive();
  });
  document.body.addEventListener("click", (event) => {
    if (event.target.id !== "pause") return;
    paused = !paused;
    showLive();
  });
  setInterval(tick, 1000);
  if (document.body.dataset.stream) listen();
}

function tick() {
  const shown = document.querySelector("#clock-panel time[data-frozen=no]");
  if (!shown) return;
  const at = new Date(Date.parse(shown.dateTime) + 1000);
  shown.dateTime = at.toISOString();
  shown.textContent = at.toISOString().slice(0, 19) + "Z";
}

let live = false;
let paused = false;
const KEPT = 300;
const waiting = {};

function showLive() {
  const tag = document.getElementById("live");
  if (!tag) return;
  tag.textContent = paused ? "paused" : live ? "live" : "not live";
  tag.classList.toggle("good", live && !paused);
  const pause = document.getElementById("pause");
  pause.hidden = !live;
  pause.textContent = paused ? "Go on" : "Pause";
}

function listen() {
  const rows = document.getElementById("rows");
  const last = rows ? rows.dataset.last : "0";
  const stream = new EventSource(`${document.body.dataset.stream}?after=${last}`);
  stream.onopen = () => { live = true; showLive(); };
  stream.onerror = () => { live = false; showLive(); };
  stream.addEventListener("exchange", (event) => {
    const exchange = JSON.parse(event.data);
    if (!paused) addRow(exchange);
    if (/SisImport/.test(exchange.operationId || "")) refreshSoon("imports");
    if (exchange.faults) refreshSoon("faults");
  });
  addEventListener("pagehide", () => stream.close());
}

function refreshSoon(name) {
  clearTimeout(waiting[name]);
  waiting[name] = setTimeout(() => {
    const panel = document.getElementById(`${name}-panel`);
    // Never take a form from under the hands of who is filling it in.
    if (!panel.contains(document.activeElement) && !panel.querySelector("details[open]")) {
      htmx.trigger(panel, "refresh");
    }
  }, 400);
}

function fits(exchange) {
  const asked = document.getElementById("filters").elements;
  return (!asked.fake.value || asked.fake.value === exchange.fake)
    && (!asked.operationId.value || asked.operationId.value === exchange.operationId)
    && (!asked.status.value || asked.status.value === String(exchange.status))
    && (!asked.path.value || exchange.path.includes(asked.path.value))
    && (!asked.record.value || `${exchange.path}?${exchange.query}`.includes(asked.record.value));
}

function element(name, text, kind) {
  const made = document.createElement(name);
  made.textContent = text;  // Everything a roster holds is shown as text.
  if (kind) made.className = kind;
  return made;
}

function addRow(exchange) {
  const rows = document.getElementById("rows");
  if (!rows || exchange.seq <= Number(rows.dataset.last)) return;
  rows.dataset.last = exchange.seq;
  if (!fits(exchange)) return;
  const row = element("tr", "", exchange.status >= 400 || !exchange.status ? "bad new" : "new");
  const link = element("a", "");
  const space = encodeURIComponent(document.body.dataset.space);
  link.href = `/exchange/${exchange.seq}?space=${space}`;
  link.setAttribute("hx-get", link.getAttribute("href"));
  link.setAttribute("hx-target", "#exchange");
  link.append(element("b", exchange.method), ` ${exchange.operationId || ""}`);
  const request = element("td", "");
  const query = exchange.query ? `?${exchange.query}` : "";
  request.append(link, " ", element("span", exchange.path + query, "path"));
  if (exchange.faults) request.append(" ", element("span", exchange.faults.join(", "), "tag hit"));
  row.append(element("td", exchange.at.slice(11, 19)), element("td", exchange.fake), request,
    element("td", exchange.status || "reset"));
  rows.prepend(row);
  htmx.process(row);
  while (rows.children.length > KEPT) rows.lastElementChild.remove();
}
