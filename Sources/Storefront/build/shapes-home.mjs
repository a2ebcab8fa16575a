// What is drawn of coffee, kitchen and home: each shape on 400 × 400 from colours, standing on y = 320.
import { box, disc, light, line, oval, path, shade } from "./strokes.mjs";

export const bag = (c, label) =>
  path("M128 112h144l14 26v170q0 12-12 12H126q-12 0-12-12V138z", c) + path("M128 112h144l14 26H114z", shade)
  + box(124, 96, 152, 22, c, 4) + box(124, 108, 152, 4, shade) + box(144, 176, 112, 92, "#fbf7ef", 4)
  + oval(200, 208, 15, 20, label) + line("M200 190q-8 18 0 36", "#fbf7ef", 3)
  + box(166, 240, 68, 5, label, 2) + box(178, 251, 44, 4, shade, 2) + path("M262 138h24v170q0 12-12 12h-12z", shade);

export const tin = (c, label) =>
  box(136, 130, 128, 190, c, 8) + box(128, 104, 144, 34, label, 8) + box(128, 130, 144, 8, shade)
  + oval(200, 224, 44, 56, "#fbf7ef") + path("M200 196q34 12 0 58q-34-46 0-58z", label) + line("M200 204v44", "#fbf7ef", 3)
  + box(246, 138, 18, 182, shade, 6) + box(146, 146, 8, 160, light, 4);

export const dripper = (c) =>
  path("M106 130h188l-58 104h-72z", c) + line("M138 146l38 76M170 146l20 76M230 146l-20 76M262 146l-38 76", shade, 4)
  + oval(200, 130, 94, 16, "#fff") + oval(200, 131, 82, 11, "#5b3a26") + box(140, 232, 120, 14, c, 7) + box(140, 240, 120, 6, shade, 3)
  + line("M290 150q40 0 34 34t-52 26", c, 14) + path("M150 250h100l-8 70h-84z", "rgba(160,200,215,.55)") + path("M154 284h92l-4 36h-84z", "#6b4630");

export const kettle = (c, dark) =>
  path("M142 196q0-26 58-26t58 26l22 112q2 12-12 12H132q-14 0-12-12z", c) + path("M236 176q22 6 22 20l22 112q2 12-12 12h-30z", shade)
  + line("M126 284q-40-6-38-60t-32-62", c, 13) + line("M258 176q68-70 76 8t-34 84", dark, 15)
  + path("M158 168q42-22 84 0z", dark) + disc(200, 150, 10, dark) + box(154, 206, 8, 88, light, 4);

export const grinder = (c, wood) =>
  box(158, 178, 84, 142, c, 10) + box(158, 236, 84, 8, shade) + box(224, 178, 18, 142, shade, 8)
  + path("M150 178q50-60 100 0z", c) + box(150, 170, 100, 14, wood, 7) + box(194, 116, 12, 34, "#8d9299")
  + line("M200 118L290 96", "#8d9299", 10) + box(280, 72, 22, 30, wood, 10) + box(168, 186, 8, 122, light, 4);

export const press = (wood) =>
  box(138, 136, 124, 172, "rgba(170,205,215,.5)", 10) + box(142, 206, 116, 98, "#5b3a26", 8) + box(142, 200, 116, 10, "#9aa0a8", 3)
  + box(196, 62, 8, 140, "#9aa0a8") + disc(200, 58, 14, wood) + path("M132 140q68-34 136 0z", "#8a9098")
  + box(130, 288, 140, 32, wood, 8) + box(130, 150, 140, 12, wood, 4) + line("M270 168q52-4 52 48t-52 60", wood, 15) + box(150, 164, 8, 120, light, 4);

export const moka = (c) =>
  path("M154 214h92l22 96q2 10-10 10H142q-12 0-10-10z", c) + path("M164 114h72l14 92h-100z", c) + box(144, 202, 112, 16, "#6d737b", 4)
  + path("M218 114h18l14 92h-22z", shade) + path("M224 218h22l22 96q0 6-10 6h-18z", shade) + path("M164 114l-26 16 22 18z", c)
  + path("M160 114q40-30 80 0z", "#8a9098") + disc(200, 92, 10, "#2b2d33") + line("M242 128q60-4 54 82", "#2b2d33", 16)
  + line("M182 214l-12 104M216 214l10 104", shade, 4);

export const mug = (c, dark) =>
  path("M120 142h136v132q0 46-46 46h-44q-46 0-46-46z", c) + line("M256 172q62-8 60 50t-64 48", c, 20)
  + oval(188, 142, 68, 15, dark) + oval(188, 144, 58, 10, "#4a2f20") + path("M226 156h30v118q0 46-46 46h-10q30-20 26-60z", shade)
  + box(136, 170, 8, 100, light, 4) + path("M120 236h136v20H120z", dark, 'opacity=".35"');

export const board = (c) =>
  path("M86 156h190q20 0 20 20v124q0 20-20 20H86q-20 0-20-20V176q0-20 20-20z", c) + path("M292 214h36q20 0 20 24t-20 24h-36z", c)
  + disc(326, 238, 9, "#fffaf2") + line("M84 188q90 14 190 0M84 222q110-14 196 4M84 258q80 16 190 0M90 290q90-10 180 2", shade, 4);

export const knife = (steel, wood) =>
  '<g transform="rotate(-32 200 210)">' + path("M46 196h196v40H120q-54 0-74-40z", steel) + path("M46 196h196v9H52z", light)
  + box(240, 192, 16, 48, "#5d636b", 4) + path("M254 194h100q14 0 14 16v16q0 14-14 14h-22l-14-8h-64z", wood)
  + disc(282, 216, 4, "#d9d9d9") + disc(312, 216, 4, "#d9d9d9") + disc(342, 216, 4, "#d9d9d9") + "</g>";

export const pan = (c) =>
  '<g transform="rotate(-24 200 210)">' + box(268, 196, 116, 28, c, 14) + disc(366, 210, 6, "#fff") + disc(180, 210, 104, c)
  + disc(180, 210, 88, "#3a3d44") + disc(180, 210, 88, shade) + line("M128 160q30-34 76-28", light, 7) + "</g>";

export const bowls = (colours) => colours.map((c, index) => {
  const y = 280 - index * 44;
  return path(`M104 ${y - 26}h192q-8 66-62 66h-68q-54 0-62-66z`, c) + oval(200, y - 26, 96, 14, index === 3 ? "#fff" : shade)
    + path(`M252 ${y - 26}h44q-8 66-62 66h-14q30-20 32-66z`, shade);
}).join("");

export const apron = (c, tie) =>
  line("M150 128q4-62 50-62t50 62", tie, 9) + path("M146 124h108l12 66q46 4 46 30v86q0 14-14 14H102q-14 0-14-14v-86q0-26 46-30z", c)
  + line("M90 212h-34M310 212h34", tie, 9) + box(150, 232, 100, 58, shade, 8) + line("M200 232v58", light, 3) + line("M154 134h92", light, 4);

export const towels = (colours) => colours.map((c, index) => {
  const x = 84 + index * 78;
  return box(x, 96, 72, 214 - index * 8, c, 4) + box(x, 250 - index * 8, 72, 8, "#fff") + box(x, 266 - index * 8, 72, 4, "#fff")
    + box(x + 54, 96, 18, 214 - index * 8, shade);
}).join("") + box(60, 84, 280, 14, "#b98a5a", 7);

export const candle = (c, wax) =>
  box(130, 168, 140, 152, c, 12) + oval(200, 170, 70, 14, wax) + line("M200 168v-24", "#3b3b3b", 4)
  + path("M200 90q30 36 0 56q-30-20 0-56z", "#f2a63b") + path("M200 112q14 20 0 32q-14-12 0-32z", "#fff1c4")
  + box(152, 212, 96, 64, "#fffaf2", 3) + box(170, 232, 60, 5, "#6d6259", 2) + box(180, 246, 40, 4, shade, 2) + box(246, 176, 24, 144, shade, 10);

export const vase = (c, leaf) =>
  line("M200 170Q190 90 150 60M202 170Q214 80 256 66M201 170Q204 110 200 50", leaf, 5)
  + oval(150, 62, 22, 12, leaf) + oval(252, 70, 24, 12, leaf) + oval(200, 52, 12, 22, leaf) + oval(174, 96, 18, 10, leaf) + oval(228, 104, 20, 10, leaf)
  + path("M176 162h48q-6 34 26 66t20 62q-8 30-40 30h-60q-32 0-40-30t20-62t26-66z", c) + path("M214 162h10q-6 34 26 66t20 62q-8 30-40 30h-8q50-80-8-158z", shade);

export const throwing = (c, stripe) =>
  path("M84 142q0-22 22-22h188q22 0 22 22v150H84z", c) + box(84, 168, 232, 12, stripe) + box(84, 188, 232, 6, stripe) + box(84, 244, 232, 12, stripe)
  + path("M84 214q116 24 232 0v20q-116 24-232 0z", shade) + [...Array(17)].map((_, i) => line(`M${92 + i * 13.6} 292v26`, c, 5)).join("");

export const cushion = (c) =>
  path("M92 116q108 20 216 0q-20 100 0 200q-108-20-216 0q20-100 0-200z", c) + path("M284 122l24-6q-20 100 0 200l-30-6q10-100 6-188z", shade)
  + [...Array(5)].map((_, r) => [...Array(5)].map((_, k) => disc(136 + k * 32, 152 + r * 32, 7, light)).join("")).join("");

export const lamp = (c, dark) =>
  box(120, 306, 120, 14, dark, 7) + line("M180 308L140 190L236 112", dark, 9) + disc(140, 190, 9, c)
  + path("M226 92l44 40 34 54h-96q-22-52 18-94z", c) + oval(256, 188, 50, 12, "#ffe9a8") + path("M206 196h100l40 108H150z", "rgba(255,225,130,.22)");

export const clock = (c) =>
  disc(200, 208, 112, c) + disc(200, 208, 98, "#fff") + [...Array(12)].map((_, i) => {
    const angle = (i * Math.PI) / 6, x = 200 + Math.sin(angle) * 84, y = 208 - Math.cos(angle) * 84;
    return disc(x.toFixed(1), y.toFixed(1), i % 3 ? 3 : 6, "#33363d");
  }).join("") + line("M200 208l-34-30M200 208l52-34", "#33363d", 8) + disc(200, 208, 8, c);

export const mirror = (c) =>
  disc(200, 202, 116, c) + disc(200, 202, 104, "#dfeaf0") + path("M128 252L252 128q24 14 34 38L166 296q-26-16-38-44z", "rgba(255,255,255,.6)")
  + path("M112 222L220 108q14 4 22 8L118 250z", "rgba(255,255,255,.5)");

export const basket = (c) =>
  line("M132 158q0-66 68-66t68 66", c, 13) + path("M96 158h208l-24 146q-2 16-20 16H140q-18 0-20-16z", c)
  + [0, 1, 2, 3].map((r) => line(`M${104 + r * 5} ${186 + r * 34}q${96 - r * 5} 18 ${192 - r * 10} 0`, shade, 5)).join("")
  + [0, 1, 2, 3, 4].map((k) => line(`M${126 + k * 37} 164l${10 - k * 5} 148`, shade, 4)).join("") + box(90, 150, 220, 18, c, 9) + box(90, 160, 220, 8, shade, 4);

export const rug = (c, stripe) =>
  '<g transform="rotate(-14 200 210)">' + box(110, 70, 180, 270, c, 4) + box(110, 100, 180, 14, stripe) + box(110, 122, 180, 5, stripe)
  + box(110, 296, 180, 14, stripe) + box(110, 283, 180, 5, stripe) + [...Array(6)].map((_, i) => line(`M118 ${150 + i * 24}h164`, shade, 3)).join("")
  + [...Array(13)].map((_, i) => line(`M${116 + i * 14} 342v14M${116 + i * 14} 68v-14`, c, 4)).join("") + "</g>";
