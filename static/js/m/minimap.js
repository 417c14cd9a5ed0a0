// The place on a small map of our own cells and streets: a tap moves the pin there.

const NS = "http://www.w3.org/2000/svg";
const METRES = 150;

const shape = (tag, attributes) => {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};

/** Draw the surroundings of a point into an SVG; `pick` hears { lon, lat } of each tap. */
export function showMap(svg, point, place, pick) {
  const centre = { lon: point.lon, lat: point.lat };
  const east = 111320 * Math.cos((centre.lat * Math.PI) / 180);
  const x = (lon) => (lon - centre.lon) * east;
  const y = (lat) => (centre.lat - lat) * 110574;
  const path = (ring) => ring.map(([lon, lat], index) => `${index ? "L" : "M"}${x(lon).toFixed(1)} ${y(lat).toFixed(1)}`).join("");
  svg.setAttribute("viewBox", `${-METRES} ${-METRES} ${METRES * 2} ${METRES * 2}`);
  const pin = shape("g", { class: "pin" });
  pin.append(shape("circle", { r: 9 }), shape("circle", { r: 3, class: "dot" }));
  svg.replaceChildren(
    ...(place?.cells ?? []).map((ring) => shape("path", { class: "cell", d: `${path(ring)}Z` })),
    ...(place?.streets ?? []).map((line) => shape("path", { class: "street", d: path(line) })),
    shape("circle", { class: "reach", r: 30 }),
    pin,
  );
  svg.onclick = (event) => {
    const box = svg.getBoundingClientRect();
    const scale = (METRES * 2) / Math.min(box.width, box.height);
    const dx = (event.clientX - box.left - box.width / 2) * scale;
    const dy = (event.clientY - box.top - box.height / 2) * scale;
    pin.setAttribute("transform", `translate(${dx} ${dy})`);
    const round = (value) => Math.round(value * 1e6) / 1e6;
    pick({ lon: round(centre.lon + dx / east), lat: round(centre.lat - dy / 110574) });
  };
}
