// The pictures of the demo catalogue, drawn: one for each product, and for each colour that a product comes in.
import * as goods from "./shapes-goods.mjs";
import * as home from "./shapes-home.mjs";

const s = { ...home, ...goods };
const navy = "#27374d", ink = "#2d3142", sea = "#3d7a94", sand = "#d9c3a0", rust = "#c0643c", moss = "#5f7355";
const clay = "#b5714f", plum = "#6b4560", wood = "#b98a5a", walnut = "#7a5238", steel = "#b3bac1", cream = "#efe6d6";
const rose = "#d59a94", gold = "#c9a24b", pine = "#2f5d50", sky = "#9dbfcf", mustard = "#d8a73d", slate = "#4c5763";

/** What is drawn for each name, and the colour behind it. */
const drawings = {
  "espresso-milano": ["#efe7de", s.bag(walnut, walnut)],
  "ethiopia-yirgacheffe": ["#f3ead9", s.bag(mustard, rust)],
  "colombia-narino": ["#f1e4dd", s.bag(rust, walnut)],
  "decaf-swiss-water": ["#e6ecee", s.bag(sea, sea)],
  "tea-sencha": ["#e8eee4", s.tin(moss, pine)],
  "tea-earl": ["#e5eaf0", s.tin(navy, sea)],
  "tea-rooibos": ["#f5e6dc", s.tin(rust, clay)],
  "tea-mint": ["#e3efe9", s.tin("#4f9a7d", pine)],
  "kt-pour-01": ["#ebe9e4", s.dripper("#f7f5f0")],
  "kt-kettle-09": ["#e9ecee", s.kettle(steel, ink)],
  "kt-grind-02": ["#eeeae4", s.grinder("#8f979f", walnut)],
  "kt-press-08": ["#e8eeee", s.press(wood)],
  "kt-moka-06": ["#efece6", s.moka("#b9c0c7")],
  "mug-strand": ["#f2ede4", s.mug(sand, "#b99c70")],
  "mug-strand--sea-blue": ["#e6eef1", s.mug(sea, "#2c5b70")],
  "mug-strand--ink": ["#e8e9ed", s.mug(ink, "#1c1f2b")],
  "kt-board-40": ["#f1ebe1", s.board(wood)],
  "kt-knife-20": ["#e9edef", s.knife("#c4cad1", ink)],
  "kt-pan-28": ["#eeebe7", s.pan("#2b2d33")],
  "kt-bowls-4": ["#f0ebe2", s.bowls([clay, sand, sea, cream])],
  "kt-apron": ["#eae9e4", s.apron("#8b958a", walnut)],
  "kt-towel-3": ["#eef0ec", s.towels([sky, rose, sand])],
  "hm-candle-fig": ["#ece8ee", s.candle(plum, cream)],
  "hm-candle-sea": ["#e4eef0", s.candle(sky, cream)],
  "hm-vase-22": ["#efe9e3", s.vase(clay, moss)],
  "hm-throw": ["#ebe8e2", s.throwing("#a5a29a", cream)],
  "hm-cushion": ["#f2ece4", s.cushion("#e2d3bd")],
  "hm-lamp-desk": ["#e7eae6", s.lamp(mustard, ink)],
  "hm-clock": ["#e9ebee", s.clock(pine)],
  "hm-mirror": ["#efe9df", s.mirror(gold)],
  "hm-basket": ["#f1ebdd", s.basket("#cda76a")],
  "hm-rug-80": ["#efe8dc", s.rug("#cdb48a", walnut)],
  "notebook-a5": ["#e8edea", s.notebook(pine, mustard, "lined")],
  "notebook-a5--dotted": ["#e8edea", s.notebook(navy, rust, "dotted")],
  "notebook-a5--plain": ["#f0ece5", s.notebook(clay, ink, "plain")],
  "st-pen-f": ["#eceaf0", s.pen(navy, gold)],
  "st-ink-blk": ["#eaeaec", s.ink("#1d1f26")],
  "st-ink-sea": ["#e4f0ee", s.ink("#2c8f86")],
  "st-pencil-12": ["#f2ede2", s.pencils([mustard, pine, rust, sea, mustard, pine])],
  "st-washi-5": ["#f3edf0", s.washi([rose, sky, mustard, moss, plum])],
  "st-cards-10": ["#efebe4", s.cards(rust)],
  "st-ruler": ["#ecebe6", s.ruler("#d3ac57")],
  "st-scissors": ["#e9ecee", s.scissors(ink)],
  "tee-basic": ["#e7e9ec", s.tee("#ffffff", "#d5d8dc")],
  "tee-basic--navy": ["#e7eaf0", s.tee(navy, "#1c2939")],
  "sweater-arran": ["#ece7df", s.sweater("#e3d6c0", "#c9b797")],
  "cl-socks-2": ["#ebeae4", s.socks(slate, rust)],
  "cl-beanie": ["#f2ebe0", s.beanie(mustard, "#b9852a")],
  "cl-scarf": ["#f1e6e4", s.scarf("#b0504a", cream)],
  "cl-gloves": ["#e7e9ed", s.gloves(slate, ink)],
  "cl-tote": ["#f0ece3", s.tote("#e6dcc7", pine)],
  "od-bottle-075": ["#e6ece7", s.bottle(pine, ink)],
  "od-lantern": ["#efeae0", s.lantern(rust)],
  "od-hammock": ["#e6edea", s.hammock("#c9735a", cream)],
  "od-blanket": ["#eee9e4", s.blanket("#a84a42", cream)],
  "od-axe": ["#ebece8", s.axe(wood)],
  "od-stove": ["#e6ebf0", s.stove("#3f6c8f")],
  "bk-bread": ["#f3ebe0", s.book("#a8713f", walnut, "bread")],
  "bk-trees": ["#e6ece3", s.book(pine, "#1f443a", "tree")],
  "bk-maps": ["#e6ecef", s.book("#35647c", navy, "map")],
  "bk-garden": ["#eaf0e4", s.book("#6d8f5a", "#4c6b3d", "plant")],
  "bk-knots": ["#e7eaee", s.book(navy, "#17222f", "knot")],
  "parcel": ["#efeae2", s.parcel()],
};

const frame = ([back, content]) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400"><rect width="400" height="400" fill="${back}"/>`
  + `<ellipse cx="200" cy="322" rx="132" ry="13" fill="rgba(20,20,30,.1)"/>${content.replaceAll(" />", "/>")}</svg>`;

/** Every picture: its name and its SVG. */
export const drawPictures = () => Object.entries(drawings).map(([name, drawing]) => [name, frame(drawing)]);

/** An icon for the browser's tab. */
export const icon = () =>
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b6b4f"/>'
  + '<path d="M9 13h14l-1.4 10H10.4zM12 13a4 4 0 0 1 8 0" fill="none" stroke="#fff" stroke-width="2.2"/></svg>';
