"use strict";
// Draws the plots as they come near the window, in the colours of the page, and keeps them so when these change.
(() => {
  const plots = JSON.parse(document.getElementById("plots").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  // A finger on a plot means to move the page, not to zoom.
  const touch = matchMedia("(pointer: coarse)").matches;
  const drawn = new Set();
  const isSurface = (id) => "scene" in plots[id].layout;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function axis(given, three) {
    const own = { gridcolor: colour("--grid"), zeroline: false, color: colour("--soft") };
    const flat = { linecolor: colour("--line"), ticks: "outside", tickcolor: colour("--line"), automargin: true };
    const deep = { showbackground: false, gridcolor: colour("--line"), tickfont: { size: 10 } };
    const title = { text: given.title.text, font: { size: three ? 11 : 13, color: colour(three ? "--soft" : "--ink") }, standoff: 10 };
    if (three) delete title.standoff;
    return { ...given, ...own, ...(three ? deep : flat), title };
  }

  function layoutOf(id) {
    const given = plots[id].layout;
    const common = {
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colour("--soft") },
      paper_bgcolor: colour("--card"), plot_bgcolor: colour("--card"), showlegend: false, hovermode: "closest",
      hoverlabel: { bgcolor: colour("--ground"), bordercolor: colour("--line"), font: { color: colour("--ink") }, align: "left" },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("--soft"), activecolor: colour("--ours") },
    };
    if (!isSurface(id)) {
      const margin = { l: 50, r: 14, t: 26, b: 40 };
      return { ...common, margin, dragmode: touch ? false : "zoom", xaxis: axis(given.xaxis), yaxis: axis(given.yaxis) };
    }
    const { xaxis, yaxis, zaxis, ...rest } = given.scene;
    // Further off than the default, which cuts the corners of the box; what a reader has turned stays turned.
    const camera = rest.camera || { eye: { x: 1.55, y: 1.55, z: 0.95 }, center: { x: 0, y: 0, z: -0.12 } };
    const scene = { ...rest, camera, aspectmode: "cube", xaxis: axis(xaxis, true), yaxis: axis(yaxis, true), zaxis: axis(zaxis, true) };
    return { ...common, margin: { l: 0, r: 0, t: 0, b: 0 }, scene };
  }

  function configOf(id) {
    const removed = ["select2d", "lasso2d", "autoScale2d", "orbitRotation", "resetCameraLastSave3d"];
    const image = { filename: id, scale: 2 };
    // plotly offers to send a chart to its makers unless told otherwise: nothing leaves this page.
    const closed = { showSendToCloud: false, plotlyServerURL: "", showEditInChartStudio: false, displaylogo: false };
    return { ...closed, responsive: true, displayModeBar: touch ? false : "hover", modeBarButtonsToRemove: removed, toImageButtonOptions: image };
  }

  function draw(id) {
    if (drawn.has(id)) return;
    drawn.add(id);
    Plotly.newPlot(id, plots[id].data, layoutOf(id), configOf(id));
  }

  function leave(id) {
    // A browser has few WebGL contexts: a surface out of sight gives its own back, and remembers how it was turned.
    if (!drawn.has(id) || !isSurface(id)) return;
    const scene = document.getElementById(id)._fullLayout?.scene;
    if (scene) plots[id].layout.scene.camera = JSON.parse(JSON.stringify(scene.camera));
    drawn.delete(id);
    Plotly.purge(id);
  }

  const near = new IntersectionObserver((seen) => {
    for (const entry of seen) (entry.isIntersecting ? draw : leave)(entry.target.id);
  }, { rootMargin: "500px" });
  for (const id of Object.keys(plots)) near.observe(document.getElementById(id));

  for (const button of document.querySelectorAll(".legend button")) {
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", shown);
      const { plot, traces } = button.dataset;
      const places = traces.split(" ").map(Number);
      for (const place of places) plots[plot].data[place].visible = shown;
      if (drawn.has(plot)) Plotly.restyle(plot, { visible: shown }, places);
    });
  }

  dark.addEventListener("change", () => {
    for (const id of drawn) Plotly.react(id, plots[id].data, layoutOf(id), configOf(id));
  });
  addEventListener("beforeprint", () => Object.keys(plots).filter((id) => !isSurface(id)).forEach(draw));
})();
