import { json, type OutsideAnswer, type OutsideRequest, type Routes } from "./outside.server.ts";

export const PORTAL_KEY = "aB3+/portal==key9";

/** What the portal's APIs hold. */
export interface PortalShelf {
  observed: Record<string, string>;
  /** PTY and SKY of the next hours. */
  forecast: { PTY: string; SKY: string }[];
  fees: Record<string, unknown>[];
  prices: Record<string, unknown>[];
}

/** The portal says in XML with 200 that it refuses, even where JSON was asked for. */
export const portalRefusal = (code: string, message: string): OutsideAnswer => ({
  type: "text/xml",
  body: `<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg><returnAuthMsg>${message}</returnAuthMsg><returnReasonCode>${code}</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>`,
});
const weatherAnswer = (resultCode: string, item: unknown[]) =>
  json({ response: { header: { resultCode, resultMsg: "as told" }, body: { dataType: "JSON", items: { item } } } });

function keyed(answer: (request: OutsideRequest) => OutsideAnswer) {
  return (request: OutsideRequest): OutsideAnswer =>
    request.query.get("serviceKey") === PORTAL_KEY
      ? answer(request)
      : portalRefusal("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR");
}
const isWellAsked = ({ query }: OutsideRequest, minute: string): boolean =>
  query.get("dataType") === "JSON" &&
  /^\d{8}$/.test(query.get("base_date") ?? "") &&
  new RegExp(`^([01]\\d|2[0-3])${minute}$`).test(query.get("base_time") ?? "") &&
  /^\d+$/.test(query.get("nx") ?? "");

const KMA = "/1360000/VilageFcstInfoService_2.0";

/** Answers like the weather service's short-term forecasts and like two open lists of the portal, one of each format. */
export const portalRoutes = (shelf: PortalShelf): Routes => ({
  [`${KMA}/getUltraSrtNcst`]: keyed(request =>
    isWellAsked(request, "00")
      ? weatherAnswer(
          "00",
          Object.entries(shelf.observed).map(([category, obsrValue]) => ({ category, obsrValue })),
        )
      : weatherAnswer("10", []),
  ),
  [`${KMA}/getUltraSrtFcst`]: keyed(request =>
    isWellAsked(request, "30")
      ? weatherAnswer(
          "00",
          shelf.forecast.flatMap((hour, at) =>
            Object.entries(hour).map(([category, fcstValue]) => ({
              ...{ category, fcstValue, fcstDate: "20261126" },
              fcstTime: `${String(10 + at)}00`,
            })),
          ),
        )
      : weatherAnswer("10", []),
  ),
  "/fees": keyed(({ query }) => {
    const page = Number(query.get("page"));
    const size = Number(query.get("perPage"));
    return json({ page, perPage: size, data: shelf.fees.slice((page - 1) * size, page * size) });
  }),
  "/prices": keyed(({ query }) => {
    const page = Number(query.get("pageNo"));
    const size = Number(query.get("numOfRows"));
    const items = shelf.prices.slice((page - 1) * size, page * size);
    return json({ response: { header: { resultCode: "00" }, body: { items, totalCount: shelf.prices.length } } });
  }),
});
