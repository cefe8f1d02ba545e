// Draws a network of thousands of nodes with sigma. Positions come from the server; nothing moves by itself.
import Graph from "graphology";
import { NodeSquareProgram } from "@sigma/node-square";
import Sigma from "sigma";

function hasWebGL() {
  const canvas = document.createElement("canvas");
  return Boolean(canvas.getContext("webgl2") || canvas.getContext("webgl"));
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

// The colours of the palette, or in forced colours the reader's own, which CSS cannot give to a canvas. A shape can be
// opened, so it is drawn as a link is.
const FORCED = window.matchMedia("(forced-colors: active)");
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");

function colours() {
  if (!FORCED.matches) {
    return { ink: "#17212b", ground: "#ffffff", line: "#d5dbe1", chosen: "#12436d", faint: "#e3e8ec", node: null };
  }
  // An element for each: of one whose colour changes, a transition would tell the colour before.
  const system = (name) => {
    const probe = document.body.appendChild(document.createElement("span"));
    probe.style.color = name;
    const found = window.getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const [ink, ground, node, chosen, faint] = ["CanvasText", "Canvas", "LinkText", "Highlight", "GrayText"].map(system);
  return { ink, ground, line: faint, chosen, faint, node };
}

// A name on a rim of the ground, so that what is behind does not cross it out; to the left where the stage ends.
function drawLabel(colour) {
  return (context, data, settings) => {
    if (!data.label) return;
    const size = settings.labelSize;
    context.font = `${settings.labelWeight} ${size}px ${settings.labelFont}`;
    const width = context.measureText(data.label).width;
    const right = data.x + data.size + 3;
    const fits = right + width < context.canvas.clientWidth;
    const x = fits ? right : Math.max(2, data.x - data.size - 3 - width);
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = colour.ground;
    context.strokeText(data.label, x, data.y + size / 3);
    context.fillStyle = colour.ink;
    context.fillText(data.label, x, data.y + size / 3);
  };
}

// What stands under the pointer, or is chosen: its name, and a ring around it.
function drawName(colour) {
  return (context, data, settings) => {
    context.fillStyle = colour.ground;
    context.strokeStyle = colour.ink;
    context.lineWidth = 1;
    context.beginPath();
    context.arc(data.x, data.y, data.size + 3, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    drawLabel(colour)(context, data, settings);
  };
}

function read(data) {
  const small = data.label.length > 2000 ? 0.5 : 0.8;
  const graph = new Graph({ type: "undirected", multi: false });
  data.label.forEach((label, at) => {
    const kind = data.kinds[data.kind[at]];
    graph.addNode(at, {
      label: label || "(no name)",
      words: kind.words,
      href: data.href[at],
      ties: data.ties[at],
      x: data.x[at],
      y: -data.y[at],
      size: small * (2 + Math.min(12, Math.sqrt(data.ties[at]) * 1.4)),
      color: kind.colour,
      type: kind.round ? "circle" : "square",
    });
  });
  for (let at = 0; at < data.pairs.length; at += 2) graph.addEdge(data.pairs[at], data.pairs[at + 1]);
  return graph;
}

class LargePicture {
  constructor(figure, data) {
    this.figure = figure;
    this.stage = figure.querySelector("[data-large-stage]");
    this.detail = figure.querySelector("[data-large-detail]");
    this.graph = read(data);
    this.order = this.graph.nodes().sort((one, other) => this.ties(other) - this.ties(one));
    this.colour = colours();
    this.sigma = new Sigma(this.graph, this.stage, {
      nodeProgramClasses: { square: NodeSquareProgram },
      labelFont: "system-ui, sans-serif",
      labelRenderedSizeThreshold: 3,
      labelGridCellSize: 180,
      labelDensity: 0.6,
      zIndex: true,
      nodeReducer: (node, attributes) => this.look(node, attributes),
      edgeReducer: (edge, attributes) => this.edgeLook(edge, attributes),
      enableCameraRotation: false,
      ...this.settings(),
    });
    this.sigma.on("clickNode", ({ node }) => this.choose(node));
    this.sigma.on("clickStage", () => this.choose(null));
    this.listen();
  }

  // What follows the reader's own settings, which may change while the picture is there.
  settings() {
    const { ink, line } = this.colour;
    const moving = STILL.matches ? 0 : 1;
    return {
      defaultEdgeColor: line,
      labelColor: { color: ink },
      defaultDrawNodeLabel: drawLabel(this.colour),
      defaultDrawNodeHover: drawName(this.colour),
      inertiaDuration: 200 * moving,
      zoomDuration: 250 * moving,
      doubleClickZoomingDuration: 200 * moving,
    };
  }

  follow() {
    this.colour = colours();
    this.sigma.setSettings(this.settings());
    this.figure.dataset.pictureColours = FORCED.matches ? "forced" : "own";
  }

  ties(node) {
    return this.graph.getNodeAttribute(node, "ties");
  }

  near(node) {
    return node === this.chosen || this.neighbours.has(node);
  }

  look(node, attributes) {
    const own = this.colour.node ? { ...attributes, color: this.colour.node } : attributes;
    if (this.chosen == null) return own;
    if (!this.near(node)) return { ...own, color: this.colour.faint, label: "" };
    return { ...own, forceLabel: true, zIndex: 1, highlighted: node === this.chosen };
  }

  edgeLook(edge, attributes) {
    if (this.chosen == null) return attributes;
    return this.graph.hasExtremity(edge, this.chosen)
      ? { ...attributes, color: this.colour.chosen, zIndex: 1 }
      : { ...attributes, hidden: true };
  }

  choose(node) {
    this.chosen = node;
    this.neighbours = new Set(node == null ? [] : this.graph.neighbors(node));
    this.sigma.refresh({ skipIndexation: true });
    if (node == null) {
      this.detail.replaceChildren("Select a shape for details.");
      return;
    }
    const { label, words, href, ties } = this.graph.getNodeAttributes(node);
    const told = [element("strong", label), ` (${words}), tied to ${ties} `];
    if (href && /^https?:$/.test(new URL(href, document.baseURI).protocol)) {
      const link = element("a", "Open its page");
      link.href = href;
      told.push(link);
    }
    this.detail.replaceChildren(...told);
  }

  // Arrows go to the nearest node that way; Enter opens the chosen one.
  step(x, y) {
    if (this.chosen == null) return this.choose(this.order[0]);
    const here = this.graph.getNodeAttributes(this.chosen);
    let best = null;
    let least = Infinity;
    for (const node of this.neighbours.size ? this.neighbours : this.order) {
      const there = this.graph.getNodeAttributes(node);
      const along = (there.x - here.x) * x + (there.y - here.y) * y;
      const across = Math.abs((there.x - here.x) * y) + Math.abs((there.y - here.y) * x);
      if (along > 0 && along + 2 * across < least) [best, least] = [node, along + 2 * across];
    }
    if (best != null) this.choose(best);
  }

  // WebGL leaves nothing behind to print, so what is seen is copied to a canvas of its own, right after it was drawn.
  paint() {
    const paper = this.figure.querySelector("[data-large-paper]") || document.createElement("canvas");
    paper.dataset.largePaper = "";
    paper.className = "kg-picture__paper";
    this.sigma.refresh();
    const layers = [...this.stage.querySelectorAll("canvas")];
    [paper.width, paper.height] = [layers[0].width, layers[0].height];
    for (const layer of layers) paper.getContext("2d").drawImage(layer, 0, 0, paper.width, paper.height);
    this.stage.after(paper);
  }

  act(name) {
    const camera = this.sigma.getCamera();
    const state = camera.getState();
    const by = 0.15 * state.ratio;
    const acts = {
      in: { ratio: state.ratio / 1.4 },
      out: { ratio: Math.min(4, state.ratio * 1.4) },
      all: { x: 0.5, y: 0.5, ratio: 1 },
      left: { x: state.x - by },
      right: { x: state.x + by },
      up: { y: state.y + by },
      down: { y: state.y - by },
    };
    camera.setState({ ...state, ...acts[name] });
  }

  listen() {
    const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    this.stage.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in keys && event.shiftKey) this.act(event.key.slice(5).toLowerCase());
      else if (event.key in keys) this.step(...keys[event.key]);
      else if (event.key === "+" || event.key === "=") this.act("in");
      else if (event.key === "-") this.act("out");
      else if (event.key === "0") this.act("all");
      else if (event.key === "Escape") this.choose(null);
      else if (event.key === "Enter" && this.detail.querySelector("a")) this.detail.querySelector("a").click();
      else return;
      event.preventDefault();
    });
    this.figure.addEventListener("click", (event) => {
      const tool = event.target.closest("[data-large-act]");
      if (tool) this.act(tool.dataset.largeAct);
    });
    FORCED.addEventListener("change", () => this.follow());
    STILL.addEventListener("change", () => this.follow());
    window.addEventListener("beforeprint", () => this.paint());
    // The wheel scrolls the page; with Ctrl it zooms.
    this.sigma.getMouseCaptor().on("wheel", (event) => {
      if (!event.original.ctrlKey) event.preventSigmaDefault();
    });
    this.stage.addEventListener("wheel", (event) => event.ctrlKey || event.stopPropagation(), { capture: true });
  }
}

// The drawing of the server in the place of the stage.
function showDrawing(figure) {
  const frame = element("div", "");
  frame.className = "kg-picture__frame kg-picture__still";
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", `${figure.dataset.largeTitle}, the drawing`);
  const image = document.createElement("img");
  image.className = "kg-drawing";
  image.alt = `${figure.dataset.largeTitle}, as a drawing. The table says the same in words.`;
  image.src = figure.dataset.largeDrawing;
  frame.append(image);
  figure.querySelector("[data-large-status]").after(frame);
}

async function start(figure) {
  const status = figure.querySelector("[data-large-status]");
  if (!hasWebGL()) {
    status.textContent =
      "This browser has no WebGL, which moving about among so many shapes needs: this is a drawing. The table says the same.";
    showDrawing(figure);
    figure.dataset.pictureDrawn = "none";
    return;
  }
  try {
    const answer = await fetch(figure.dataset.large);
    if (!answer.ok) throw new Error(`the site answered ${answer.status}`);
    const data = await answer.json();
    for (const live of figure.querySelectorAll("[data-picture-live]")) live.hidden = false;
    performance.mark("picture-start");
    new LargePicture(figure, data);
    // The second frame begins when the first has been painted.
    requestAnimationFrame(() => requestAnimationFrame(() => performance.measure("picture", "picture-start")));
    status.textContent = "";
    figure.dataset.pictureDrawn = "large";
  } catch (error) {
    status.textContent = `The picture could not be drawn: ${error.message}. The table says the same.`;
    figure.dataset.pictureDrawn = "none";
  }
}

for (const figure of document.querySelectorAll("[data-large]")) start(figure);
