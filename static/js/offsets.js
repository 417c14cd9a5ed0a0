// GCJ-02 and BD-09, as citymgmt/offsets.py has them. Only a base map is ever shifted: everything
// else on the page stays in WGS-84, because the map itself projects by the base map's offsets.
// Positions are [lon, lat] in degrees.

const AXIS = 6378245;
const ECCENTRICITY2 = 0.00669342162296594323;
const BD_TURN = (Math.PI * 3000) / 180;
const CLOSE = 1e-10;
const { PI, sin, cos, sqrt, abs, atan2, hypot } = Math;
const radians = (degrees) => (degrees * PI) / 180;
const degrees = (angle) => (angle * 180) / PI;

function inside([lon, lat]) {
  return lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
}

function shift(x, y) {
  const root = sqrt(abs(x));
  const common = 20 * sin(6 * PI * x) + 20 * sin(2 * PI * x);
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root;
  let waves = 20 * sin(PI * x) + 40 * sin((PI * x) / 3);
  east += (2 / 3) * (common + waves + 150 * sin((PI * x) / 12) + 300 * sin((PI * x) / 30));
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root;
  waves = 20 * sin(PI * y) + 40 * sin((PI * y) / 3);
  north += (2 / 3) * (common + waves + 160 * sin((PI * y) / 12) + 320 * sin((PI * y) / 30));
  return [east, north];
}

/** WGS-84 → GCJ-02; unchanged outside of China. */
export function wgsToGcj([lon, lat]) {
  if (!inside([lon, lat])) return [lon, lat];
  const phi = radians(lat);
  const curve = 1 - ECCENTRICITY2 * sin(phi) ** 2;
  const meridian = (AXIS * (1 - ECCENTRICITY2)) / curve ** 1.5;
  const parallel = (AXIS / sqrt(curve)) * cos(phi);
  const [east, north] = shift(lon - 105, lat - 35);
  return [lon + degrees(east / parallel), lat + degrees(north / meridian)];
}

/** GCJ-02 → BD-09. */
export function gcjToBd([lon, lat]) {
  if (!inside([lon, lat])) return [lon, lat];
  const radius = hypot(lon, lat) + 0.00002 * sin(lat * BD_TURN);
  const angle = atan2(lat, lon) + 0.000003 * cos(lon * BD_TURN);
  return [radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006];
}

// The point that `forward` sends there: both shifts are small and smooth.
function inverse(forward, [lon, lat]) {
  if (!inside([lon, lat])) return [lon, lat];
  let [x, y] = [lon, lat];
  for (let round = 0; round < 30; round += 1) {
    const [thereX, thereY] = forward([x, y]);
    const [offX, offY] = [lon - thereX, lat - thereY];
    [x, y] = [x + offX, y + offY];
    if (abs(offX) < CLOSE && abs(offY) < CLOSE) break;
  }
  return [x, y];
}

const wgsToBd = (point) => gcjToBd(wgsToGcj(point));

/** For each offset system the way from WGS-84 and back. */
export const OFFSETS = {
  wgs84: { there: (point) => point, back: (point) => point },
  gcj02: { there: wgsToGcj, back: (point) => inverse(wgsToGcj, point) },
  bd09: { there: wgsToBd, back: (point) => inverse(wgsToGcj, inverse(gcjToBd, point)) },
};

/** Leaflet's web Mercator on which WGS-84 positions fall where a base map of that offset has them. */
export function crsFor(L, offset) {
  const { there, back } = OFFSETS[offset];
  const { SphericalMercator } = L.Projection;
  const projection = {
    bounds: SphericalMercator.bounds,
    project({ lng, lat }) {
      const [x, y] = there([lng, lat]);
      return SphericalMercator.project(L.latLng(y, x));
    },
    unproject(point) {
      const { lng, lat } = SphericalMercator.unproject(point);
      const [x, y] = back([lng, lat]);
      return L.latLng(y, x);
    },
  };
  return offset === "wgs84" ? L.CRS.EPSG3857 : L.extend({}, L.CRS.EPSG3857, { projection });
}
