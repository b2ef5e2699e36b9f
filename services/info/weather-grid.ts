/** Square of the weather service's grid of 5 km. */
export interface GridSquare {
  nx: number;
  ny: number;
}

// Lambert conformal conic projection as the weather service's guide to its short-term forecasts defines it.
const EARTH_KM = 6371.00877;
const SQUARE_KM = 5;
const [PARALLEL_1, PARALLEL_2, ORIGIN_LON, ORIGIN_LAT] = [30, 60, 126, 38].map(toRadians) as [
  number,
  number,
  number,
  number,
];
const ORIGIN_X = 43;
const ORIGIN_Y = 136;
/** Squares that the grid has. */
const SIZE = { nx: 149, ny: 253 };

const slope = (lat: number): number => Math.tan(Math.PI / 4 + lat / 2);
const CONE = Math.log(Math.cos(PARALLEL_1) / Math.cos(PARALLEL_2)) / Math.log(slope(PARALLEL_2) / slope(PARALLEL_1));
const SCALE = ((EARTH_KM / SQUARE_KM) * slope(PARALLEL_1) ** CONE * Math.cos(PARALLEL_1)) / CONE;
const radiusAt = (lat: number): number => SCALE / slope(lat) ** CONE;

/** The square that a place in degrees lies in; null where the grid does not reach. */
export function gridSquareOf(lat: number, lon: number): GridSquare | null {
  const radius = radiusAt(toRadians(lat));
  const turned = toRadians(lon) - ORIGIN_LON;
  const angle = (turned > Math.PI ? turned - 2 * Math.PI : turned < -Math.PI ? turned + 2 * Math.PI : turned) * CONE;
  const nx = Math.floor(radius * Math.sin(angle) + ORIGIN_X + 0.5);
  const ny = Math.floor(radiusAt(ORIGIN_LAT) - radius * Math.cos(angle) + ORIGIN_Y + 0.5);
  return nx >= 1 && nx <= SIZE.nx && ny >= 1 && ny <= SIZE.ny ? { nx, ny } : null;
}

function toRadians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
