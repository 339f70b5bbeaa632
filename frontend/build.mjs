// Builds what the pages load into src/comity/kit/web/static/, under names with a hash of the content, and beside it
// manifest.json (plain name to hashed name) and LICENSES (what is in there, and under which licence); and the same fonts
// as TrueType into src/comity/kit/papers/fonts/, from which sealed papers are set. No network.

import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import subsetFont from "subset-font";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");
const [toPages, toTests, toPapers] = process.argv.slice(2); // other folders than the usual ones, to compare
const out = resolve(toPages ?? join(here, "..", "src", "comity", "kit", "web", "static"));
const papers = resolve(toPapers ?? join(here, "..", "src", "comity", "kit", "papers", "fonts"));
const tests = resolve(toTests ?? join(here, "..", "tests", "browser"));

// Which characters of a font a page fetches, and when: a browser takes a file only for a page that shows one of them.
const latin = [[0x20, 0x7e], [0xa0, 0xff], [0x131], [0x152, 0x153], [0x2bb, 0x2bc], [0x2c6], [0x2da], [0x2dc],
  [0x2000, 0x206f], [0x20ac], [0x2122], [0x2190, 0x2193], [0x2212], [0x2215], [0xfeff], [0xfffd]];
const extended = [[0x100, 0x130], [0x132, 0x151], [0x154, 0x24f], [0x259], [0x300, 0x304], [0x306, 0x309], [0x323], [0x1e00, 0x1eff]];
const arabic = [[0x600, 0x6ff], [0x750, 0x77f], [0x200c, 0x200f], [0xfdfc]];
const fonts = [
  ["Noto Sans", "noto-sans", "latin", latin, true],
  ["Noto Sans", "noto-sans", "latin-ext", extended, true],
  ["Noto Sans", "noto-sans", "greek", [[0x370, 0x3ff]], false],
  ["Noto Sans", "noto-sans", "cyrillic", [[0x301], [0x400, 0x45f], [0x490, 0x491], [0x4b0, 0x4b1], [0x2116]], false],
  ["Noto Sans Arabic", "noto-sans-arabic", "arabic", arabic, true],
];
const weights = [["400", "100 500"], ["600", "600 900"]];
const manifest = {};

async function keep(name, bytes) {
  const dot = name.lastIndexOf(".");
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  manifest[name] = `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
  await writeFile(join(out, manifest[name]), bytes);
  return manifest[name];
}

const hex = (ranges) => ranges.map((r) => "U+" + r.map((n) => n.toString(16).toUpperCase()).join("-")).join(",");
const letters = (ranges) =>
  ranges.map(([from, to = from]) => String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, i) => from + i))).join("");

async function face([family, folder, script, ranges, cut], [weight, covers]) {
  let bytes = await readFile(join(packages, "@fontsource", folder, "files", `${folder}-${script}-${weight}-normal.woff2`));
  if (cut) bytes = await subsetFont(bytes, letters(ranges), { targetFormat: "woff2" });
  const name = await keep(`${folder}-${script}-${weight}.woff2`, bytes);
  return `@font-face{font-family:"${family}";font-style:normal;font-weight:${covers};font-display:swap;` +
    `src:url("${name}") format("woff2");unicode-range:${hex(ranges)}}`;
}

// A page fetches a file for each script; a paper is set from one file for each weight, for Typst takes one of a name.
const types = [
  ["noto-sans", ([weight, name]) => ["@expo-google-fonts", "noto-sans", `${weight}${name}`, `NotoSans_${weight}${name}.ttf`],
    fonts.slice(0, -1).flatMap((font) => font[3])],
  ["noto-sans-arabic", ([weight]) => ["@fontsource", "noto-sans-arabic", "files", `noto-sans-arabic-arabic-${weight}-normal.woff2`], arabic],
];

async function type([name, file, ranges], weight) {
  const bytes = await subsetFont(await readFile(join(packages, ...file(weight))), letters(ranges), { targetFormat: "truetype" });
  await writeFile(join(papers, `${name}-${weight[0]}.ttf`), bytes);
}

async function bundle(entry, options) {
  const made = await build({
    entryPoints: [join(here, "src", entry)], bundle: true, minify: true, write: false, legalComments: "none",
    target: ["chrome120", "firefox121", "safari17.4"], ...options,
  });
  return made.outputFiles[0].text;
}

const licence = async (name, file = "LICENSE") =>
  `${"=".repeat(100)}\n${name}\n${"=".repeat(100)}\n\n${(await readFile(join(packages, name, file), "utf8")).trim()}\n\n`;

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const faces = [];
for (const font of fonts) for (const weight of weights) faces.push(await face(font, weight));
await keep("comity.css", faces.join("") + (await bundle("comity.css", {})));
await keep("comity.js", await bundle("comity.js", { format: "esm" }));
await keep("mark.svg", await readFile(join(here, "src", "mark.svg")));
const sorted = Object.fromEntries(Object.entries(manifest).sort());
await writeFile(join(out, "manifest.json"), JSON.stringify(sorted, null, 1) + "\n");
await writeFile(join(out, "LICENSES"),
  "What `make assets` put into this folder beside Comity's own work. Fonts were cut to the characters of their script.\n\n" +
  (await licence("@digdir/designsystemet-css")) + (await licence("htmx.org")) +
  (await licence("@fontsource/noto-sans")) + (await licence("@fontsource/noto-sans-arabic")));
await rm(papers, { recursive: true, force: true });
await mkdir(papers, { recursive: true });
for (const one of types) for (const weight of [["400", "Regular"], ["600", "SemiBold"]]) await type(one, weight);
await writeFile(join(papers, "LICENSES"), (await licence("@expo-google-fonts/noto-sans", "LICENSE_FONT")) + (await licence("@fontsource/noto-sans-arabic")));
await mkdir(tests, { recursive: true });
await writeFile(join(tests, "axe.min.js"), await readFile(join(packages, "axe-core", "axe.min.js")));
