// What is drawn of paper, clothes, outdoor goods and books: each shape on 400 × 400 from colours, standing on y = 320.
import { box, disc, light, line, oval, path, shade } from "./strokes.mjs";

const steel = "#a9b0b8";

export const notebook = (c, band, ruling) =>
  box(124, 92, 168, 228, "#f4efe4", 8) + box(114, 84, 168, 228, c, 8) + box(114, 84, 24, 228, shade, 8) + box(248, 84, 12, 228, band)
  + box(156, 128, 72, 52, "#fbf7ef", 4) + (ruling === "dotted"
    ? [0, 1, 2].map((r) => [0, 1, 2, 3, 4].map((k) => disc(168 + k * 12, 142 + r * 12, 2, "#8b8378")).join("")).join("")
    : ruling === "plain" ? "" : [0, 1, 2].map((r) => box(166, 140 + r * 13, 52, 3, "#8b8378", 1)).join(""));

export const pen = (c, gold) =>
  '<g transform="rotate(-40 200 210)">' + box(150, 196, 176, 30, c, 15) + box(150, 196, 8, 30, gold) + box(232, 196, 6, 30, gold)
  + path("M150 198l-38 6-12 7 12 7 38 6z", "#2d2f36") + path("M102 208l-42 3 42 4z", gold) + box(236, 188, 74, 6, gold, 3) + box(160, 201, 150, 5, light, 2) + "</g>";

export const ink = (c) =>
  path("M132 186h136l20 28v86q0 20-20 20H132q-20 0-20-20v-86z", "rgba(190,210,220,.55)") + path("M122 232h156v66q0 12-12 12H134q-12 0-12-12z", c)
  + box(160, 150, 80, 40, "#2b2d33", 6) + box(152, 128, 96, 30, "#2b2d33", 8) + box(152, 146, 96, 5, light) + box(150, 242, 100, 48, "#fbf7ef", 4)
  + disc(176, 266, 12, c) + box(196, 258, 40, 4, "#6d6259", 2) + box(196, 268, 28, 4, shade, 2);

export const pencils = (colours) => colours.map((c, index) => {
  const x = 108 + index * 32;
  return path(`M${x} 150l13-44 13 44z`, "#e9c9a0") + path(`M${x + 9} 120l4-14 4 14z`, "#33363d") + box(x, 150, 26, 120, c) + box(x + 17, 150, 9, 120, shade);
}).join("") + box(92, 214, 216, 106, "#33443f", 8) + box(120, 244, 160, 40, "#fbf7ef", 4) + box(140, 260, 120, 6, "#33443f", 3);

export const washi = (colours) => colours.map((c, index) => {
  const [x, y] = [[132, 168], [262, 160], [198, 232], [120, 278], [284, 274]][index];
  return disc(x, y, 46, c) + disc(x, y, 24, "#fff") + disc(x, y, 20, "#d9b58a") + disc(x, y, 15, "#fffdf8")
    + line(`M${x - 38} ${y}a38 38 0 0 1 38-38`, light, 6);
}).join("");

export const cards = (c) =>
  '<g transform="rotate(-10 200 210)">' + box(104, 116, 180, 130, "#efe6d6", 6) + "</g>" + '<g transform="rotate(5 200 220)">' + box(112, 150, 188, 136, "#fffdf8", 6)
  + box(112, 150, 188, 136, shade, 6) + box(108, 146, 188, 136, "#fffdf8", 6) + path("M202 184q30-26 40 4t-40 60q-50-30-40-60t40-4z", c) + box(130, 262, 144, 4, shade, 2) + "</g>";

export const ruler = (c) =>
  '<g transform="rotate(-30 200 210)">' + box(40, 184, 320, 52, c, 4) + box(40, 184, 320, 8, light, 4)
  + [...Array(31)].map((_, i) => box(54 + i * 9.6, 206 + (i % 5 ? 16 : 6), 2, i % 5 ? 14 : 24, "#5a4216")).join("") + disc(346, 200, 5, "#fff") + "</g>";

export const scissors = (c) =>
  '<g transform="rotate(18 200 210)">' + path("M194 60q26 70 22 160l-20 12q-14-90-2-172z", steel) + path("M216 66q-34 64-34 154l20 12q22-90 14-166z", "#c4cad1")
  + disc(202, 214, 7, "#5d636b") + line("M196 228q-50-2-54 44t42 44q36-4 26-52M206 228q50-2 56 44t-42 44q-36-4-26-52", c, 16) + "</g>";

export const tee = (c, edge) =>
  path("M146 96l-72 40 26 64 34-16v120q0 14 14 14h104q14 0 14-14V184l34 16 26-64-72-40q-20 26-54 26t-54-26z", c, `stroke="${edge}" stroke-width="4" stroke-linejoin="round"`)
  + line("M150 100q22 32 50 32t50-32", edge, 6) + path("M246 200v118h6q14 0 14-14V190z", shade);

export const sweater = (c, knit) =>
  path("M150 96l-66 36-22 156 44 6 30-104v114q0 16 16 16h96q16 0 16-16V190l30 104 44-6-22-156-66-36q-20 22-50 22t-50-22z", c)
  + line("M150 98q20 28 50 28t50-28", knit, 12) + box(138, 300, 124, 20, knit, 6)
  + [0, 1, 2].map((k) => line(`M${168 + k * 32} 150q-12 18 0 36t0 36t0 36t0 36`, knit, 5)).join("") + line("M64 278l42 8M336 278l-42 8", knit, 12);

export const socks = (c, band) => [0, 1].map((k) =>
  `<g transform="translate(${k * 96} ${k * 18})">` + path("M104 84h68v118q0 20 22 30l30 14q18 8 14 28t-28 20h-64q-42 0-42-44z", c) + box(104, 84, 68, 24, band) + box(104, 116, 68, 8, band)
  + path("M200 244q38 8 38 24t-28 24h-14q10-24 4-48z", band) + path("M104 214q30 2 40 70q-40-4-40-34z", band) + "</g>").join("");

export const beanie = (c, fold) =>
  disc(200, 92, 28, fold) + path("M104 248q0-148 96-148t96 148z", c) + [0, 1, 2, 3, 4].map((k) => line(`M${136 + k * 32} 240q${8 - k * 4}-80 ${64 - k * 32}-130`, shade, 5)).join("")
  + box(92, 236, 216, 64, fold, 16) + [...Array(11)].map((_, i) => line(`M${108 + i * 18.4} 246v44`, shade, 4)).join("");

export const scarf = (c, stripe) =>
  path("M112 132q88-64 176 0q26 26-6 50q-80 44-164 0q-32-24-6-50z", c) + path("M146 160q54 34 108 0q-54-26-108 0z", shade)
  + path("M214 184h66l8 116h-70z", c) + box(216, 236, 68, 12, stripe) + box(217, 258, 69, 12, stripe) + [0, 1, 2, 3, 4].map((k) => line(`M${226 + k * 14} 302v18`, c, 6)).join("");

export const gloves = (c, tip) => [0, 1].map((k) =>
  `<g transform="translate(${k ? 400 : 0} 0) scale(${k ? -1 : 1} 1)">` + path("M98 300V150q0-14 12-14t12 14v30-64q0-13 11-13t11 13v58-44q0-12 10-12t10 12v74l22-36q8-12 18-6t4 18l-34 66v24z", c)
  + box(92, 284, 84, 36, tip, 8) + box(92, 296, 84, 5, shade) + "</g>").join("");

export const tote = (c, print) =>
  line("M154 150q0-84 46-84t46 84", c, 13) + path("M100 142h200l14 164q0 14-14 14H100q-14 0-14-14z", c) + path("M274 142h26l14 164q0 14-14 14h-26z", shade)
  + line("M160 262q20-74 40-74t40 74M176 234h48", print, 9) + line("M108 154h184", light, 4);

export const bottle = (c, cap) =>
  path("M164 150q-12 12-12 34v118q0 18 18 18h60q18 0 18-18V184q0-22-12-34z", c) + box(164, 104, 72, 46, cap, 8) + box(172, 84, 56, 24, cap, 8) + box(164, 138, 72, 12, "#c4cad1")
  + path("M222 150h14q12 12 12 34v118q0 18-18 18h-8z", shade) + box(166, 186, 9, 110, light, 4) + path("M200 222l22 38h-44z", light);

export const lantern = (c) =>
  line("M140 150q0-84 60-84t60 84", "#4a4e56", 8) + path("M140 150h120l-14-34h-92z", c) + box(150, 150, 100, 118, "rgba(255,235,170,.75)", 6) + oval(200, 212, 26, 38, "#ffd25e")
  + oval(200, 218, 12, 22, "#fff4cf") + line("M150 156v106M250 156v106M200 150v14", "#4a4e56", 7) + path("M132 264h136l12 56H120z", c) + path("M240 264h28l12 56h-34z", shade);

export const hammock = (c, stripe) =>
  line("M44 118q30 30 56 62M356 118q-30 30-56 62", "#8a7a62", 6) + path("M96 176q104 78 208 0q8 110-104 122q-112-12-104-122z", c)
  + line("M110 214q90 72 180 0M122 248q78 56 156 0", stripe, 9) + box(28, 90, 18, 230, "#7a5b3c", 6) + box(354, 90, 18, 230, "#7a5b3c", 6);

export const blanket = (c, stripe) =>
  box(76, 196, 248, 112, c, 30) + disc(108, 252, 56, c) + disc(108, 252, 40, stripe) + disc(108, 252, 26, c) + disc(108, 252, 12, stripe)
  + [0, 1, 2, 3].map((k) => box(176 + k * 36, 196, 10, 112, stripe)).join("") + box(206, 188, 26, 128, "#6b4a2f", 6) + box(276, 188, 26, 128, "#6b4a2f", 6) + line("M219 190q35-54 70 0", "#6b4a2f", 11);

export const axe = (wood) =>
  '<g transform="rotate(28 200 210)">' + path("M190 96h24l6 240q-18 10-36 0z", wood) + path("M208 96h6l6 240q-8 4-14 4z", shade)
  + path("M176 92h50v56h-34q-30 40-78 34 12-56 10-104 36 4 52 14z", steel) + path("M124 78q2 48-10 104 10 2 20 1 10-54 8-101-8-2-18-4z", "#dfe3e7") + "</g>";

export const stove = (c) =>
  box(140, 196, 120, 124, c, 14) + path("M146 196q54-34 108 0z", "#c4cad1") + box(140, 228, 120, 40, "#fbf7ef") + box(166, 242, 68, 6, c, 3) + box(232, 196, 28, 124, shade, 12)
  + box(186, 140, 28, 40, "#8a9098", 4) + oval(200, 138, 44, 10, "#5d636b") + line("M130 116h140M156 138l-26-22M244 138l26-22", "#5d636b", 8)
  + [0, 1, 2, 3].map((k) => path(`M${164 + k * 24} 126q12-26 0-40q-14 16 0 40z`, "#3f8fd1")).join("");

export const book = (c, spine, emblem) => {
  const mark = {
    bread: path("M150 236q0-52 50-52t50 52q0 14-14 14h-72q-14 0-14-14z", "#f3d9a8") + line("M174 204l10 22M198 200l8 24M222 206l8 20", "#c08a4a", 5),
    tree: path("M200 156l44 76h-28l30 40h-92l30-40h-28z", "#dfead2") + box(194, 270, 12, 22, "#dfead2"),
    map: path("M146 186l36-14 36 14 36-14v86l-36 14-36-14-36 14z", "#f4ead2") + line("M160 236q20-40 40-14t40-30", "#c8553d", 5) + disc(240, 192, 6, "#c8553d"),
    plant: path("M166 236h68l-10 50h-48z", "#f3d9c4") + line("M200 236v-46", "#e6f2df", 5) + oval(180, 186, 22, 12, "#e6f2df") + oval(222, 176, 22, 12, "#e6f2df"),
    knot: line("M148 246q40-90 80-40t-30 40t-20-50t74 0", "#f4ead2", 11),
  }[emblem];
  return box(126, 92, 168, 228, "#f4efe4", 4) + box(116, 84, 168, 228, c, 4) + box(116, 84, 18, 228, spine, 4) + box(152, 112, 108, 8, "#fffaf2", 3) + box(170, 130, 72, 6, "#fffaf2", 3) + mark;
};

export const parcel = () =>
  path("M92 160l108-46 108 46v124l-108 40-108-40z", "#d8b58a") + path("M200 208l108-48v124l-108 40z", shade) + path("M92 160l108 48v116L92 284z", "#e2c49d")
  + path("M92 160l108-46 108 46-108 48z", "#ecd6b6") + path("M140 139l108 48v40l-16 6v-40L124 146z", "#0b6b4f");
