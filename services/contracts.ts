import { auth } from "./auth/auth.contract.ts";
import { character } from "./character/character.contract.ts";
import { chat } from "./chat/chat.contract.ts";
import { images } from "./images/images.contract.ts";
import { info } from "./info/info.contract.ts";
import { location } from "./location/location.contract.ts";
import { scan } from "./scan/scan.contract.ts";
import { users } from "./users/users.contract.ts";

/** Every door of the house, in the order of the docs. */
export const contracts = [auth, users, scan, chat, images, character, location, info] as const;
